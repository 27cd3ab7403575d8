using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Hardware.Devices.FeetechBus;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus;

/// <summary>A calibration file for the rig with one joint of its own; removed in the end.</summary>
internal sealed class CalibrationOf : IDisposable
{
    public CalibrationOf(string joint, JointCalibration calibration)
    {
        var file = new CalibrationFile { Robot = FeetechBusDevice.Kind };
        foreach (string name in new[] { "shoulder", "elbow", "wheel" })
        {
            file.Joints[name] = name == joint ? calibration : new();
        }

        file.Save(Path);
    }

    public string Path { get; } = System.IO.Path.GetTempFileName();

    public void Dispose() => File.Delete(Path);
}
