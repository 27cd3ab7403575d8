namespace RobotRl.Hardware.Protocols.MqttRobot;

/// <summary>What a session may ask of a robot.</summary>
public enum MqttRequestAction : byte
{
    /// <summary>Nothing; not valid in a request.</summary>
    None,

    /// <summary>To be the one session that the robot listens to.</summary>
    Attach,

    /// <summary>To be no longer; the robot powers off.</summary>
    Detach,

    /// <summary>Power, so that nothing moves.</summary>
    PowerOn,

    /// <summary>Power off. Never refused for being late.</summary>
    PowerOff,

    /// <summary>Forget a fault whose cause is gone.</summary>
    ClearFault,
}
