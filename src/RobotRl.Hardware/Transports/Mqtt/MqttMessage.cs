namespace RobotRl.Hardware.Transports.Mqtt;

/// <summary>One message to publish.</summary>
/// <param name="Topic">Where.</param>
/// <param name="Payload">What; not to be changed afterwards.</param>
public readonly record struct MqttMessage(string Topic, ReadOnlyMemory<byte> Payload)
{
    /// <summary>At least once (QoS 1) instead of at most once (QoS 0).</summary>
    public bool Reliable { get; init; }

    /// <summary>The broker keeps it for who subscribes later.</summary>
    public bool Retain { get; init; }

    /// <summary>When the broker may drop it, whole seconds; null: never. No safety mechanism: brokers deliver expired messages.</summary>
    public TimeSpan? Expiry { get; init; }
}
