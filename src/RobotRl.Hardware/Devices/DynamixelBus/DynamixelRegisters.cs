using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Protocols.Framing;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>
/// Settings of the servos, read back each. What cannot be set or confirmed is a <see cref="RobotException"/> that names servo,
/// register and what to do.
/// </summary>
internal sealed class DynamixelRegisters(
    string robot,
    DynamixelLink link,
    DynamixelJoint[] joints,
    byte[] ids,
    DynamixelHealth health,
    MonotonicStamp clock
)
{
    private const int Tries = 3;

    private readonly Dictionary<byte, DynamixelStored> _known = [];

    // A servo is away for about 0.3 s after a restart; allowed: the manual's "a moment", generously.
    private static readonly TimeSpan RestartTime = TimeSpan.FromSeconds(2),
        RestartPause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// What must be so before power. What the servo keeps is read and checked first; then mode, return delay and status level are
    /// written where they differ. Nothing else that it keeps is ever written.
    /// </summary>
    public void SetUp(DynamixelJoint joint)
    {
        Span<byte> block = stackalloc byte[DynamixelStored.Length];
        ReadBlock(joint, block);
        SetUp(joint, block);
    }

    /// <summary>The same of every joint: their registers are read in one request, so that arming does not last.</summary>
    public void SetUpAll()
    {
        const int Size = DynamixelStored.Length;
        byte[] blocks = new byte[Size * ids.Length];
        if (!link.TrySyncRead(DynamixelStored.First, Size, ids, blocks))
        {
            // One by one: whoever does not answer is named.
            Array.ForEach(joints, SetUp);
            return;
        }

        for (int i = 0; i < joints.Length; i++)
        {
            SetUp(joints[i], blocks.AsSpan(i * Size, Size));
        }
    }

    private void SetUp(DynamixelJoint joint, Span<byte> block)
    {
        const int AnswerAll = 2;
        DynamixelStored stored = DynamixelStored.Decode(block);
        if (_known.TryGetValue(joint.Id, out DynamixelStored before) && before.DifferenceTo(stored) is (var register, var was, var now))
        {
            throw Error(
                joint,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"holds {now} in register {register.Address}; it was {was} when it was first connected. Put it back, or "
                        + $"start again so that ranges are made anew"
                )
            );
        }

        Check(joint, stored);
        joint.Keep(stored);
        bool changed = Ensure(joint, block, DynamixelTable.StatusReturnLevel, AnswerAll);
        changed |= Ensure(joint, block, DynamixelTable.ReturnDelay, 0);
        changed |= Ensure(joint, block, DynamixelTable.OperatingMode, (int)joint.Mode);
        if (changed)
        {
            // Another mode has other gains.
            ReadBlock(joint, block);
        }

        joint.Gains = DynamixelGains.Decode(block[(DynamixelGains.First - DynamixelStored.First)..]);
        DynamixelRegister gain = joint.IsPositioned ? DynamixelTable.PositionPGain : DynamixelTable.VelocityPGain;
        if (joint.Mode != DynamixelMode.Current && DynamixelStored.At(block, gain) == 0)
        {
            throw Error(
                joint,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"has a proportional gain of 0 (register {gain.Address}): it would not move. Switch its supply off and "
                        + $"on, or set the gain with DYNAMIXEL Wizard"
                )
            );
        }
    }

    /// <summary>The ranges were made of what the servo keeps now: from now on it must not differ.</summary>
    public void Fix(DynamixelJoint joint) => _known[joint.Id] = joint.Stored;

    private void ReadBlock(DynamixelJoint joint, Span<byte> block)
    {
        if (!link.TryRead(joint.Id, DynamixelStored.First, block, Tries))
        {
            throw Error(
                joint,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"does not let its registers {DynamixelStored.First} to {DynamixelStored.First + block.Length - 1} be "
                        + $"read. Check its cable and firmware"
                )
            );
        }
    }

    private void Check(DynamixelJoint joint, in DynamixelStored stored)
    {
        int full = DynamixelUnits.MaxPwm;
        if ((stored.DriveMode & DynamixelDriveModes.TorqueOnByGoal) != 0)
        {
            throw Error(
                joint,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"would switch its torque on by itself at any goal: bit 3 of register 10 (drive mode "
                        + $"{(int)stored.DriveMode}) is set. Clear it with DYNAMIXEL Wizard"
                )
            );
        }

        if (stored.IsReversed && !joint.IsPositioned)
        {
            throw Error(
                joint,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"is turned round by bit 0 of register 10 (drive mode {(int)stored.DriveMode}), of which the manual does "
                        + $"not say whether it holds for mode {joint.Mode}. Clear it with DYNAMIXEL Wizard and set Direction in the "
                        + $"calibration"
                )
            );
        }

        if (stored.StartsUnderTorque)
        {
            throw Error(
                joint,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"switches its torque on by itself when it starts: bit 0 of register 60 (startup configuration "
                        + $"{stored.Startup}) is set. Clear it with DYNAMIXEL Wizard"
                )
            );
        }

        if (stored.SecondaryId != joint.Id && Array.IndexOf(ids, (byte)stored.SecondaryId) >= 0)
        {
            throw Error(
                joint,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"obeys what is sent to servo {stored.SecondaryId} too: that is its secondary id (register 12). Set the "
                        + $"register to 255 with DYNAMIXEL Wizard"
                )
            );
        }

        if (stored.PwmLimit < joint.PwmGoal)
        {
            throw Error(
                joint,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"gives no more than {100.0 * stored.PwmLimit / full:0.#}% of its voltage (PWM limit, register 36: "
                        + $"{stored.PwmLimit} of {full}), where {100.0 * joint.PwmGoal / full:0.#}% is asked for. Set "
                        + $"Servos:{joint.Name}:MaxPwm to {Math.Floor(1000.0 * stored.PwmLimit / full) / 1000:0.###} or less, or "
                        + $"raise the register"
                )
            );
        }

        (DynamixelRegister register, int limit, string option) =
            joint.Mode == DynamixelMode.Velocity
                ? (DynamixelTable.VelocityLimit, stored.VelocityLimit, "MaxVelocity")
                : (DynamixelTable.CurrentLimit, joint.Mode == DynamixelMode.Current ? stored.CurrentLimit : int.MaxValue, "MaxCurrent");
        if (limit < joint.GreatestGoal)
        {
            // A goal beyond it is refused by the servo, and nobody answers a sync write.
            throw Error(
                joint,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"permits goals up to {limit} (register {register.Address}); Servos:{joint.Name}:{option} needs "
                        + $"{joint.GreatestGoal}. Lower the option or raise the register"
                )
            );
        }
    }

    private bool Ensure(DynamixelJoint joint, ReadOnlySpan<byte> block, DynamixelRegister register, int value)
    {
        if (DynamixelStored.At(block, register) == value)
        {
            return false;
        }

        Write(joint, register, value);
        return true;
    }

    /// <summary>
    /// Restarts a servo, which has it forget hardware errors whose cause is gone. A sentence that says what persists; null where
    /// nothing does.
    /// </summary>
    public string? Restart(DynamixelJoint joint)
    {
        link.Send(DynamixelCodec.Reboot(link.Request, joint.Id), IdSet.Of(joint.Id), 0, RestartPause);
        link.TryNext(out _);
        long deadline = clock.Now + RestartTime.Ticks;
        int errors = 0;
        bool answers = false;
        while (clock.Now < deadline && !link.IsLost)
        {
            // It may answer once more before it goes, and shows an error again only after a moment.
            link.Pause(RestartPause);
            bool answered = link.TryRead(joint.Id, DynamixelTable.HardwareErrorStatus, 1, out int now);
            (answers, errors) = answered ? (true, now) : (answers, errors);
            if (answered && errors == 0)
            {
                SetUp(joint);
                return null;
            }
        }

        if (answers)
        {
            return health.Describe(joint, (DynamixelHardwareErrors)errors);
        }

        throw Error(
            string.Create(
                CultureInfo.InvariantCulture,
                $"servo {joint.Id} ({joint.Name}) on {link.Name} has not come back from a restart within "
                    + $"{RestartTime.TotalSeconds} s. Check its supply."
            )
        );
    }

    /// <summary>Sets a register of one servo and reads it back.</summary>
    public void Write(DynamixelJoint joint, DynamixelRegister register, int value)
    {
        if (!link.TryWrite(joint.Id, register, value, Tries, out DynamixelError error))
        {
            string why = error == DynamixelError.None ? "does not confirm it" : $"refuses ({error})";
            throw Error(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"servo {joint.Id} ({joint.Name}) on {link.Name} {why} when register {register.Address} is set to "
                        + $"{value}. Check its cable, limits and hardware errors."
                )
            );
        }
    }

    /// <summary>One register of all servos at once, then read back.</summary>
    public void WriteAll(DynamixelRegister register, int[] values)
    {
        Span<int> found = stackalloc int[ids.Length];
        for (int i = 0; i < Tries && !link.IsLost; i++)
        {
            link.SyncWrite(register, ids, values);
            found.Fill(int.MinValue);
            if (link.TrySyncRead(register, ids, found) && found.SequenceEqual(values))
            {
                return;
            }
        }

        int wrong = found.CommonPrefixLength(values);
        DynamixelJoint joint = joints[Math.Min(wrong, joints.Length - 1)];
        throw Error(
            string.Create(
                CultureInfo.InvariantCulture,
                $"servo {joint.Id} ({joint.Name}) on {link.Name} does not confirm register {register.Address} = "
                    + $"{values[Math.Min(wrong, values.Length - 1)]}. Check its supply and hardware errors."
            )
        );
    }

    /// <summary>
    /// The goals of all, each into its own goal register, then read back. Those of one register go at once; a servo that does not
    /// confirm is told by itself, so that it says why.
    /// </summary>
    /// <param name="values">[joints].</param>
    /// <param name="written">Whether a joint is meant; null: all.</param>
    public void WriteGoals(int[] values, bool[]? written = null)
    {
        foreach (
            IGrouping<DynamixelRegister, int> same in Enumerable
                .Range(0, joints.Length)
                .Where(i => written is null || written[i])
                .GroupBy(i => joints[i].Goal)
        )
        {
            int[] members = [.. same],
                goals = [.. members.Select(i => values[i])],
                found = new int[members.Length];
            byte[] their = [.. members.Select(i => ids[i])];
            link.SyncWrite(same.Key, their, goals);
            Array.Fill(found, int.MinValue);
            bool read = link.TrySyncRead(same.Key, their, found);
            for (int i = 0; i < members.Length; i++)
            {
                if (!read || found[i] != goals[i])
                {
                    Write(joints[members[i]], same.Key, goals[i]);
                }
            }
        }
    }

    private RobotException Error(DynamixelJoint joint, string what) =>
        Error(FormattableString.Invariant($"servo {joint.Id} ({joint.Name}) on {link.Name} {what}."));

    private RobotException Error(string what) => new(robot, $"Robot {robot}: {what}");
}
