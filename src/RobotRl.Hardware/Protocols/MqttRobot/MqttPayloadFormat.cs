namespace RobotRl.Hardware.Protocols.MqttRobot;

/// <summary>How commands and states are written. Every receiver understands both.</summary>
public enum MqttPayloadFormat : byte
{
    /// <summary>Readable text; no checksum of its own (TCP and TLS have one).</summary>
    Json,

    /// <summary>Compact, with a CRC-32.</summary>
    Binary,
}
