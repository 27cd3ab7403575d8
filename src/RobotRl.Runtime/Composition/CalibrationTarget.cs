using RobotRl.Hardware.Devices.Calibration;

namespace RobotRl.Runtime.Composition;

/// <summary>What <c>robotrl calibrate</c> works on.</summary>
/// <param name="Device">The device, not connected; becomes the command's.</param>
/// <param name="Kind">The kind of robot that the file is for.</param>
/// <param name="File">The calibration file that its options name; null where they name none.</param>
/// <param name="FileKey">The key of the options that names it.</param>
public sealed record CalibrationTarget(ICalibratable Device, string Kind, string? File, string FileKey);
