using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>Looks, servo by servo, whether torque, watchdog and hardware errors are as they should be while it is powered. Allocates only for a fault.</summary>
internal sealed class DynamixelHealth(DynamixelLink link, DynamixelJoint[] joints, TimeSpan period)
{
    private const ushort First = 64;
    private const ushort Length = 35;

    // Each servo of six is looked at about eight times a second.
    private readonly int _every = Math.Max(1, (int)Math.Ceiling(TimeSpan.FromMilliseconds(20) / period));
    private int _cycle, _next;

    /// <summary>Whether a servo's position cannot be believed: it reports a failed encoder, or an error that could not be read.</summary>
    public bool EncoderFailed { get; private set; }

    /// <summary>The fault was cleared.</summary>
    public void Reset() => EncoderFailed = false;

    /// <summary>Once a cycle: a fault of the servo whose turn it is, in one sentence; null where there is none or it is nobody's turn.</summary>
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
        if (errors != DynamixelHardwareErrors.None)
        {
            return Describe(joint, errors);
        }

        return !powered ? null
            : At(block, DynamixelTable.BusWatchdog) == DynamixelUnits.WatchdogExpired
                ? Sentence(joint, "its bus watchdog has struck, because no instruction reached it in time. See why the bus stood still, then clear the fault")
            : At(block, DynamixelTable.TorqueEnable) == 0
                ? Sentence(joint, "it has switched its torque off by itself. Check its supply, then clear the fault")
            : null;
    }

    public string Describe(DynamixelJoint joint, DynamixelHardwareErrors errors)
    {
        EncoderFailed |= errors == DynamixelHardwareErrors.None || (errors & DynamixelHardwareErrors.Encoder) != 0;
        return Sentence(joint, $"it reports {Words(errors)}. Remove the cause, let it cool down, then clear the fault, which restarts the servo");
    }

    private string Sentence(DynamixelJoint joint, string what) => FormattableString.Invariant($"Joint {joint.Name} (servo {joint.Id} on {link.Name}): {what}.");

    private static int At(ReadOnlySpan<byte> block, DynamixelRegister register) => register.Decode(block[(register.Address - First)..]);

    private static string Words(DynamixelHardwareErrors errors)
    {
        (DynamixelHardwareErrors Bit, string Word)[] words =
        [
            (DynamixelHardwareErrors.InputVoltage, "a supply voltage out of range"), (DynamixelHardwareErrors.HallSensor, "a failed hall sensor"),
            (DynamixelHardwareErrors.Overheating, "overheating"), (DynamixelHardwareErrors.Encoder, "a failed encoder"),
            (DynamixelHardwareErrors.ElectricalShock, "an electrical shock or too weak a supply"), (DynamixelHardwareErrors.Overload, "overload"),
        ];
        string[] set = [.. words.Where(w => (errors & w.Bit) != 0).Select(w => w.Word)];
        return set.Length == 0 ? $"an unknown hardware error (0x{(int)errors:x2})" : string.Join(", ", set);
    }
}
