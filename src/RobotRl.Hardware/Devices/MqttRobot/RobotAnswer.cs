namespace RobotRl.Hardware.Devices.MqttRobot;

/// <summary>What became of a request.</summary>
internal sealed record RobotAnswer(ulong Session, ulong Reference, bool Done, string? Text);
