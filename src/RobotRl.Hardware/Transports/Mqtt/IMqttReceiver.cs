namespace RobotRl.Hardware.Transports.Mqtt;

/// <summary>Takes what arrives.</summary>
public interface IMqttReceiver
{
    /// <summary>
    /// One message; one at a time, on the link's thread, which must not be held up. The payload is valid during the call only.
    /// </summary>
    /// <param name="topic">Where it was published.</param>
    /// <param name="payload">The bytes.</param>
    /// <param name="retained">Whether the broker had kept it.</param>
    /// <param name="receivedNs">When it arrived, by the link's monotonic clock.</param>
    void Receive(string topic, ReadOnlySpan<byte> payload, bool retained, long receivedNs);
}
