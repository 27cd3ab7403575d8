namespace RobotRl.Hardware.Protocols.MqttRobot;

/// <summary>What a frame says.</summary>
public enum MqttFrameKind : byte
{
    /// <summary>From the session: a command, or without values a sign of life and an echo.</summary>
    Command = 1,

    /// <summary>From the robot: a reading and how the robot stands.</summary>
    State = 2,

    /// <summary>From the session: to attach, power, stop, clear.</summary>
    Request = 3,

    /// <summary>From the robot: what became of a request.</summary>
    Answer = 4,
}
