namespace RobotRl.Hardware.Protocols.MqttRobot;

/// <summary>What a receiver thinks of a frame.</summary>
public enum FrameVerdict : byte
{
    /// <summary>New and in time.</summary>
    Accepted,

    /// <summary>Of another session.</summary>
    Foreign,

    /// <summary>The same sequence was taken before.</summary>
    Duplicate,

    /// <summary>A newer one was taken before.</summary>
    OutOfOrder,

    /// <summary>Older than its time to live, or so near it that the clocks' uncertainty does not exclude it.</summary>
    Late,

    /// <summary>The peer's clock is not known yet, so its age cannot be told.</summary>
    NoClock,
}
