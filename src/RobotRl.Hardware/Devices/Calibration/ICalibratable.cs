using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Devices.Calibration;

/// <summary>
/// A device whose joints' raw encoder readings can be taken without power, for calibration. One thread at a time; not beside a
/// driver.
/// </summary>
public interface ICalibratable : IDisposable
{
    /// <summary>Its joints, in the order of <see cref="TryReadTicks"/>.</summary>
    IReadOnlyList<CalibrationJoint> Joints { get; }

    /// <summary>What is known of the joints so far: of the file, or the defaults. Same order.</summary>
    IReadOnlyList<JointCalibration> Calibrations { get; }

    /// <summary>
    /// Opens the link, finds the device and switches it off, so that joints can be moved by hand. Asks for no calibration.
    /// Harmless where open.
    /// </summary>
    /// <exception cref="RobotException">As when it is connected for work.</exception>
    void ConnectUnpowered();

    /// <summary>Reads every joint's ticks, [joints]; false where not all answered.</summary>
    bool TryReadTicks(Span<int> ticks);

    /// <summary>
    /// Adds to a calibration that was just found what the servo keeps and the zero depends on, so that a later change is noticed. After
    /// <see cref="ConnectUnpowered"/>. Default: nothing.
    /// </summary>
    /// <param name="joint">Of the joint in <see cref="Joints"/>.</param>
    /// <param name="found">What was found.</param>
    JointCalibration AddKept(int joint, JointCalibration found) => found;

    /// <summary>Closes the link; never throws, never hangs. Harmless where closed.</summary>
    void Disconnect();
}
