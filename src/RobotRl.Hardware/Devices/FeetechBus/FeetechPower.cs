using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>Torque on and off, each with read-back. One thread.</summary>
/// <param name="link">The bus.</param>
/// <param name="joints">Its joints.</param>
/// <param name="ids">Their servos, in the same order.</param>
/// <param name="goals">Tells them to stay where they are.</param>
/// <param name="beat">A sign of life to the guardian: switching on takes longer than it waits.</param>
internal sealed class FeetechPower(FeetechLink link, FeetechJoint[] joints, byte[] ids, FeetechGoals goals, Func<bool> beat)
{
    // Noise of an encoder; what a joint may have moved since the reading; what it may give way while torque comes on (0.15 rad).
    /// <summary>Times that a request is made before its failure counts.</summary>
    public const int Tries = 5;

    private const int StillTicks = 3,
        MaxMovedTicks = 12,
        MaxStartTicks = 98;
    private const string Moves = "moves while it is to be armed. Hold it still, then arm again";
    private static readonly TimeSpan LetDownStep = TimeSpan.FromMilliseconds(20);

    private readonly byte[] _positioned = [.. joints.Where(j => !j.IsVelocity).Select(j => j.Id)];
    private readonly int[] _pose = new int[ids.Length],
        _positions = new int[ids.Length],
        _same = new int[ids.Length],
        _limits = new int[ids.Length];

    private volatile bool _hurry;

    /// <summary>
    /// Goal that each joint was given when its torque came on, register units, [joints]; 0 for one that is commanded by velocity.
    /// </summary>
    public ReadOnlySpan<int> Pose => _pose;

    /// <summary>Power off was asked for: <see cref="LetDown"/> ends at once. Any thread.</summary>
    public void Hurry() => _hurry = true;

    /// <summary>
    /// Limits and profile, then goals so that nothing moves: velocity zero, and each joint's position as it is read here.
    /// </summary>
    /// <exception cref="RobotException">A servo does not take one, would not stay where it is, or its joint moves.</exception>
    /// <param name="state">The newest reading, [states]: where whoever arms takes the joints to be.</param>
    public void Prepare(ReadOnlySpan<double> state)
    {
        // One request for all servos each: an adapter may take 16 ms for every one.
        RequireAll(FeetechTable.TorqueLimit, joint => joint.TorqueLimit);
        RequireAll(FeetechTable.Acceleration, joint => FeetechUnits.AccelerationRaw(joint.Options.Acceleration));
        RequireAll(FeetechTable.GoalTime, _ => 0);
        RequireAll(FeetechTable.GoalVelocity, joint => joint.IsVelocity ? 0 : joint.SpeedLimit);
        if (_positioned.Length == 0)
        {
            return;
        }

        FeetechJoint? moving = null;
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            ReadPositions();
            for (int i = 0; i < joints.Length; i++)
            {
                _pose[i] = joints[i].IsVelocity ? 0 : Stay(joints[i], _positions[i], state[i * FeetechJoint.States]);
            }

            Require(
                FeetechTable.GoalPosition,
                _positioned,
                [.. joints.Select((j, i) => (j, i)).Where(at => !at.j.IsVelocity).Select(at => _pose[at.i])]
            );
            moving = FirstAway(StillTicks);
            if (moving is null)
            {
                return;
            }
        }

        throw Error(moving!, Moves);
    }

    /// <summary>Reads back under torque that every joint is where it was.</summary>
    /// <exception cref="RobotException">One is elsewhere: torque was taken away again, if it could be.</exception>
    public void ConfirmPose()
    {
        if (FirstAway(MaxStartTicks) is { } away)
        {
            SwitchOff();
            throw Error(
                away,
                "was elsewhere as soon as its torque was on, and torque was switched off. Check its encoder, then open the robot again"
            );
        }
    }

    /// <summary>Torque on. False where not every servo confirms it.</summary>
    public bool SwitchOn()
    {
        _hurry = false;
        bool confirmed = false;
        for (int attempt = 0; attempt < Tries && !confirmed; attempt++)
        {
            beat();
            confirmed = Switch(1);
        }

        beat();
        return confirmed;
    }

    /// <summary>Torque off. False where not every servo confirms it.</summary>
    public bool SwitchOff() => Switch(0);

    /// <summary>Torque off, tried again where a reply is lost. False where not every servo confirms it.</summary>
    public bool SwitchOffSurely()
    {
        for (int attempt = 1; attempt < Tries; attempt++)
        {
            if (Switch(0))
            {
                return true;
            }
        }

        return Switch(0);
    }

    /// <summary>
    /// Takes away torque that is found on little by little, so that an arm sinks and does not drop: every servo stays where it
    /// is, at a torque limit that falls to nothing. Returns at once where all torque is off, or power off was asked for. Torque is to
    /// be switched off after it.
    /// </summary>
    public void LetDown(TimeSpan over)
    {
        if (over <= TimeSpan.Zero || _hurry)
        {
            return;
        }

        ReadBlocks();
        bool anyIsOn = false;
        int least = FeetechUnits.MaxTorque;
        for (int i = 0; i < ids.Length; i++)
        {
            bool told = TryBlock(ids[i], out FeetechControlBlock block);
            _limits[i] = told ? block.TorqueLimit : -1;
            least = told ? Math.Min(least, block.TorqueLimit) : least;
            anyIsOn |= told && block.Torque;
        }

        if (!anyIsOn)
        {
            return;
        }

        for (int i = 0; i < ids.Length; i++)
        {
            // One that does not tell its limit sinks with the others; it must not be the one that drops.
            _limits[i] = _limits[i] < 0 ? least : _limits[i];
        }

        goals.Hold();
        int steps = (int)Math.Ceiling(over / LetDownStep);
        for (int step = 1; step <= steps && !link.IsLost && !_hurry; step++)
        {
            for (int i = 0; i < ids.Length; i++)
            {
                _same[i] = _limits[i] * (steps - step) / steps;
            }

            link.TrySyncWrite(FeetechTable.TorqueLimit, ids, _same);
            link.Pause(LetDownStep);
        }
    }

    /// <summary>Asks every servo; a lost reply is asked for again.</summary>
    private void ReadBlocks()
    {
        for (int attempt = 0; attempt < Tries && ReadBlocksOnce() < ids.Length; attempt++)
        {
            // Again, all of them: the line loses one now and then.
        }
    }

    private int ReadBlocksOnce() => link.SyncRead(FeetechControlBlock.FirstAddress, FeetechControlBlock.Length, ids);

    private bool TryBlock(byte id, out FeetechControlBlock block)
    {
        block = default;
        return link.HasAnswered(id) && FeetechControlBlock.TryDecode(link.Data(id, FeetechControlBlock.Length), out block);
    }

    private bool Switch(int torque)
    {
        Array.Fill(_same, torque);
        if (!link.TrySyncWrite(FeetechTable.TorqueEnable, ids, _same) || ReadBlocksOnce() < ids.Length)
        {
            return false;
        }

        foreach (byte id in ids)
        {
            if (!TryBlock(id, out FeetechControlBlock block) || block.Torque != (torque != 0))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The goal with which a joint stays at the position that was just read, as the register has it.</summary>
    private static int Stay(FeetechJoint joint, int ticks, double readRad)
    {
        if (joint.IsBeyondSeam)
        {
            throw Error(
                joint,
                $"is at tick {ticks}, beyond the seam of its encoder: it would go to its range the long way round. Move it "
                    + $"into its range by hand, then arm again"
            );
        }

        if (!joint.Takes(ticks))
        {
            string counts = joint.Kept.CountsTurns
                ? $", offset (register {FeetechTable.PositionOffset.Address}) {joint.Kept.Offset}, phase (register "
                    + $"{FeetechTable.Phase.Address}) {(byte)joint.Kept.Phase}"
                : "";
            throw Error(
                joint,
                $"is at tick {ticks}{counts}, beyond the positions that the servo goes to ({joint.Kept.LeastGoal} to "
                    + $"{joint.Kept.GreatestGoal}, registers {FeetechTable.MinAngle.Address} and {FeetechTable.MaxAngle.Address}): "
                    + $"it would jump there under torque. Move it there by hand, then arm again"
            );
        }

        if (Math.Abs(ticks - joint.Goal(readRad)) > MaxMovedTicks)
        {
            throw Error(joint, Moves);
        }

        return ticks;
    }

    /// <summary>The first joint that is more than <paramref name="most"/> ticks away from <see cref="_pose"/>; null if none is.</summary>
    private FeetechJoint? FirstAway(int most)
    {
        ReadPositions();
        for (int i = 0; i < joints.Length; i++)
        {
            if (!joints[i].IsVelocity && Math.Abs(_positions[i] - _pose[i]) > most)
            {
                return joints[i];
            }
        }

        return null;
    }

    /// <summary>Position of every joint that is commanded by position, ticks.</summary>
    private void ReadPositions()
    {
        FeetechRegister position = FeetechTable.PresentPosition;
        for (int attempt = 0; attempt < Tries && _positioned.Length > 0; attempt++)
        {
            beat();
            if (ReadAll(position, _positioned) == _positioned.Length)
            {
                break;
            }
        }

        for (int i = 0; i < joints.Length; i++)
        {
            if (!joints[i].IsVelocity)
            {
                _positions[i] = link.HasAnswered(joints[i].Id)
                    ? position.Decode(link.Data(joints[i].Id, position.Size))
                    : throw Error(joints[i], $"does not tell its position. {Advice}");
            }
        }
    }

    /// <summary>Asks; if every length of a reply is outstanding, once one is free. Not for the control cycle.</summary>
    private int ReadAll(FeetechRegister register, byte[] of)
    {
        link.AwaitFree(register);
        return link.SyncRead(register.Address, register.Size, of);
    }

    private static RobotException Error(FeetechJoint joint, string what) =>
        new(FeetechBusDevice.Kind, $"Robot {FeetechBusDevice.Kind}: servo {joint.Id} ({joint.Name}) {what}.");

    private string Advice => link.LatencyAdvice ?? "Check cables and supply";

    private void RequireAll(FeetechRegister register, Func<FeetechJoint, int> value) => Require(register, ids, [.. joints.Select(value)]);

    /// <summary>Writes a register of several servos, and reads back what each of them holds then.</summary>
    private void Require(FeetechRegister register, byte[] of, int[] values)
    {
        int wrong = 0;
        for (int attempt = 0; attempt < Tries && wrong >= 0; attempt++)
        {
            beat();
            link.TrySyncWrite(register, of, values);
            ReadAll(register, of);
            wrong = Enumerable
                .Range(0, of.Length)
                .FirstOrDefault(i => !link.HasAnswered(of[i]) || register.Decode(link.Data(of[i], register.Size)) != values[i], -1);
        }

        if (wrong >= 0)
        {
            throw Error(joints.First(j => j.Id == of[wrong]), $"does not take {values[wrong]} in register {register.Address}. {Advice}");
        }
    }
}
