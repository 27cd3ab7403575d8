namespace RobotRl.Hardware.Contracts;

/// <summary>A lifecycle call that a device could not do: one sentence with the device, the reason and what to do.</summary>
public sealed class RobotException : Exception
{
    /// <summary>Says what is wrong with <paramref name="device"/>.</summary>
    public RobotException(string device, string message, Exception? inner = null)
        : base(message, inner) => Device = device;

    /// <summary>The device's name.</summary>
    public string Device { get; }
}
