using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Protocols.Framing;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>Settings of the servos, read back each. What cannot be set or confirmed is a <see cref="RobotException"/> that names servo, register and what to do.</summary>
internal sealed class DynamixelRegisters(string robot, DynamixelLink link, DynamixelJoint[] joints, byte[] ids, DynamixelHealth health, MonotonicStamp clock)
{
    private const int Tries = 3;

    // A servo is away for about 0.3 s after a restart; allowed: the manual's "a moment", generously.
    private static readonly TimeSpan RestartTime = TimeSpan.FromSeconds(2), RestartPause = TimeSpan.FromMilliseconds(20);

    /// <summary>What must be set before power: written where it differs.</summary>
    public void SetUp(DynamixelJoint joint)
    {
        const int AnswerAll = 2;
        Ensure(joint, DynamixelTable.StatusReturnLevel, AnswerAll);
        Ensure(joint, DynamixelTable.ReturnDelay, 0);
        Ensure(joint, DynamixelTable.OperatingMode, (int)joint.Mode);
        switch (joint.Mode)
        {
            case DynamixelMode.Velocity:
                CheckLimit(joint, DynamixelTable.VelocityLimit, joint.GreatestGoal, "MaxVelocity");
                break;
            case DynamixelMode.Current:
                CheckLimit(joint, DynamixelTable.CurrentLimit, joint.GreatestGoal, "MaxCurrent");
                break;
        }
    }

    private void Ensure(DynamixelJoint joint, DynamixelRegister register, int value)
    {
        if (Read(joint, register) != value)
        {
            Write(joint, register, value);
        }
    }

    private void CheckLimit(DynamixelJoint joint, DynamixelRegister register, int needed, string option)
    {
        // A goal beyond it is refused by the servo, and nobody answers a sync write.
        int limit = Read(joint, register);
        if (limit < needed)
        {
            throw Error(FormattableString.Invariant(
                $"servo {joint.Id} ({joint.Name}) on {link.Name} permits goals up to {limit} (register {register.Address}); Servos:{joint.Name}:{option} needs {needed}. Lower the option or raise the register."));
        }
    }

    /// <summary>Restarts a servo, which has it forget hardware errors whose cause is gone. A sentence that says what persists; null where nothing does.</summary>
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

        throw Error(FormattableString.Invariant($"servo {joint.Id} ({joint.Name}) on {link.Name} has not come back from a restart within {RestartTime.TotalSeconds} s. Check its supply."));
    }

    private int Read(DynamixelJoint joint, DynamixelRegister register) => link.TryRead(joint.Id, register, Tries, out int value)
        ? value
        : throw Error(FormattableString.Invariant($"servo {joint.Id} ({joint.Name}) on {link.Name} does not let its register {register.Address} be read. Check its cable and firmware."));

    public void Write(DynamixelJoint joint, DynamixelRegister register, int value)
    {
        if (!link.TryWrite(joint.Id, register, value, Tries, out DynamixelError error))
        {
            string why = error == DynamixelError.None ? "does not answer" : $"refuses ({error})";
            throw Error(FormattableString.Invariant($"servo {joint.Id} ({joint.Name}) on {link.Name} {why} when register {register.Address} is set to {value}. Check its cable, limits and hardware errors."));
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
        throw Error(FormattableString.Invariant(
            $"servo {joint.Id} ({joint.Name}) on {link.Name} does not confirm register {register.Address} = {values[Math.Min(wrong, values.Length - 1)]}. Check its supply and hardware errors."));
    }

    private RobotException Error(string what) => new(robot, $"Robot {robot}: {what}");
}
