using System.Globalization;
using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>
/// Looks, servo by servo, whether what was set at power-on still is: torque, watchdog, PWM goal, profile, gains; and at the hardware
/// errors. A servo that restarted is told by its registers. Allocates only for a fault.
/// </summary>
internal sealed class DynamixelHealth(DynamixelLink link, DynamixelJoint[] joints, TimeSpan period, int watchdog)
{
    private const ushort First = 64;

    // Up to the profile velocity.
    private const ushort Length = 52;

    // Each servo of six is looked at about eight times a second.
    private readonly int _every = Math.Max(1, (int)Math.Ceiling(TimeSpan.FromMilliseconds(20) / period));
    private int _cycle,
        _next;

    /// <summary>Whether a servo's position cannot be believed: it reports a failed encoder, or an error that could not be read.</summary>
    public bool EncoderFailed { get; private set; }

    /// <summary>The fault was cleared.</summary>
    public void Reset() => EncoderFailed = false;

    /// <summary>
    /// Once a cycle: a fault of the servo whose turn it is, in one sentence; null where there is none or it is nobody's turn.
    /// </summary>
    public string? Look(TimeSpan timeout)
    {
        if (++_cycle < _every)
        {
            return null;
        }

        (_cycle, _next) = (0, (_next + 1) % joints.Length);
        return Look(joints[_next], powered: true, timeout);
    }

    /// <summary>A fault of one servo; null where there is none or it does not answer.</summary>
    public string? Look(DynamixelJoint joint, bool powered, TimeSpan timeout)
    {
        link.SendRead(joint.Id, First, Length, timeout);
        if (!link.TryNext(out DynamixelPacket answer))
        {
            link.Missed();
            return null;
        }

        if (answer.Parameters.IsEmpty)
        {
            // It refused.
            return null;
        }

        ReadOnlySpan<byte> block = link.Wanted(answer);
        var errors = (DynamixelHardwareErrors)At(block, DynamixelTable.HardwareErrorStatus);
        return errors != DynamixelHardwareErrors.None ? Describe(joint, errors)
            : powered ? Changed(joint, block)
            : null;
    }

    public string Describe(DynamixelJoint joint, DynamixelHardwareErrors errors)
    {
        EncoderFailed |= errors == DynamixelHardwareErrors.None || (errors & DynamixelHardwareErrors.Encoder) != 0;
        return Sentence(
            joint,
            $"it reports {Words(errors)}. Remove the "
                + $"cause{((errors & DynamixelHardwareErrors.Overheating) != 0 ? ", let it cool down" : "")}, then arm again, which "
                + $"restarts the servo"
        );
    }

    /// <summary>A servo that was armed holds no watchdog any more: it has forgotten what was set.</summary>
    public string Restarted(DynamixelJoint joint) =>
        Sentence(
            joint,
            "it has restarted, and holds what it was set to no more: its supply was interrupted, or another master restarted it. "
                + "Check its supply and cable, then arm again"
        );

    private static int At(ReadOnlySpan<byte> block, DynamixelRegister register) => register.Decode(block[(register.Address - First)..]);

    private static string Words(DynamixelHardwareErrors errors)
    {
        (DynamixelHardwareErrors Bit, string Word)[] words =
        [
            (DynamixelHardwareErrors.InputVoltage, "a supply voltage out of range"),
            (DynamixelHardwareErrors.HallSensor, "a failed hall sensor"),
            (DynamixelHardwareErrors.Overheating, "overheating"),
            (DynamixelHardwareErrors.Encoder, "a failed encoder"),
            (DynamixelHardwareErrors.ElectricalShock, "an electrical shock or too weak a supply"),
            (DynamixelHardwareErrors.Overload, "overload"),
        ];
        string[] set = [.. words.Where(w => (errors & w.Bit) != 0).Select(w => w.Word)];
        return set.Length == 0 ? $"an unknown hardware error (0x{(int)errors:x2})" : string.Join(", ", set);
    }

    private string? Changed(DynamixelJoint joint, ReadOnlySpan<byte> block)
    {
        int struck = At(block, DynamixelTable.BusWatchdog);
        if (struck == DynamixelUnits.WatchdogExpired)
        {
            return Sentence(
                joint,
                "its bus watchdog has struck, because no instruction reached it in time. See why the bus stood still, then arm again"
            );
        }

        if (struck == 0)
        {
            return Restarted(joint);
        }

        if (At(block, DynamixelTable.TorqueEnable) == 0)
        {
            return Sentence(
                joint,
                "its torque is off, which this runtime did not order. Check its supply and that no other master writes to "
                    + "it, then arm again"
            );
        }

        return Compare(joint, block, DynamixelTable.BusWatchdog, watchdog)
            ?? Compare(joint, block, DynamixelTable.GoalPwm, joint.PwmGoal)
            ?? Compare(joint, block, DynamixelTable.ProfileAcceleration, 0)
            ?? Compare(joint, block, DynamixelTable.ProfileVelocity, 0)
            ?? (
                DynamixelGains.Decode(block[(DynamixelGains.First - First)..]) == joint.Gains
                    ? null
                    : Sentence(
                        joint,
                        "its gains (registers 76 to 91) are not those that it was armed with. See that no other master "
                            + "writes to it, then arm again"
                    )
            );
    }

    private string? Compare(DynamixelJoint joint, ReadOnlySpan<byte> block, DynamixelRegister register, int expected) =>
        At(block, register) is var found && found == expected
            ? null
            : Sentence(
                joint,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"its register {register.Address} holds {found} instead of {expected}. See that no other master writes to "
                        + $"it, then arm again"
                )
            );

    private string Sentence(DynamixelJoint joint, string what) =>
        FormattableString.Invariant($"Joint {joint.Name} (servo {joint.Id} on {link.Name}): {what}.");
}
