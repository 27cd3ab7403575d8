namespace RobotRl.Hardware.Devices.Calibration;

/// <summary>A calibration file cannot be used: one sentence with the file, what is wrong, and what to do.</summary>
public sealed class CalibrationException : Exception
{
    /// <summary>Says what is wrong with <paramref name="path"/>.</summary>
    public CalibrationException(string path, string message, Exception? inner = null)
        : base(message, inner) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }
}
