namespace RobotRl.Hardware.Transports.Mqtt;

/// <summary>A connection to an MQTT v5 broker. It does not come back by itself: its owner opens it again.</summary>
/// <remarks>
/// <see cref="Open"/>, <see cref="Close"/>: one thread at a time, never the control thread. The rest: any thread but the control
/// thread.
/// </remarks>
public interface IMqttLink : IDisposable
{
    /// <summary>What it connects to, for messages: <c>mqtt://localhost:1883</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Whether the connection stands as far as the client knows. A frozen broker does not show here: judge by the age of data, or
    /// <see cref="Ping"/>.
    /// </summary>
    bool IsOpen { get; }

    /// <summary>
    /// Connects with a new session, subscribes, and hands what arrives to <paramref name="receiver"/>; closes first where open.
    /// </summary>
    /// <param name="will">What the broker publishes should the connection end without <see cref="Close"/>; null: nothing.</param>
    /// <param name="subscriptions">What to listen to.</param>
    /// <param name="receiver">Takes what arrives.</param>
    /// <exception cref="TransportException">No connection: one sentence with broker, reason, and what to do.</exception>
    void Open(MqttMessage? will, IReadOnlyList<MqttSubscription> subscriptions, IMqttReceiver receiver);

    /// <summary>Ends the connection; never throws, never hangs.</summary>
    void Close();

    /// <summary>
    /// Publishes without waiting. False where the link is lost or the message before it has not left yet: what is stale must not
    /// queue up.
    /// </summary>
    bool TrySend(in MqttMessage message);

    /// <summary>Publishes at least once and waits for the broker's word.</summary>
    /// <exception cref="TransportException">The broker refuses or does not answer.</exception>
    void Deliver(in MqttMessage message);

    /// <summary>Whether the broker answers within the options' time limit. Waits for it.</summary>
    bool Ping();
}
