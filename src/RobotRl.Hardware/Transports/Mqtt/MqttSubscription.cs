namespace RobotRl.Hardware.Transports.Mqtt;

/// <summary>A topic to listen to.</summary>
/// <param name="Topic">Topic filter.</param>
/// <param name="Reliable">At least once (QoS 1) instead of at most once (QoS 0).</param>
/// <param name="Retained">Whether a message that the broker kept is wanted too.</param>
public readonly record struct MqttSubscription(string Topic, bool Reliable, bool Retained);
