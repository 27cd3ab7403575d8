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
    private const int Tries = 5;
    private static readonly TimeSpan LetDownStep = TimeSpan.FromMilliseconds(20);

    private readonly int[] _same = new int[ids.Length], _limits = new int[ids.Length];

    private volatile bool _hurry;

    /// <summary>Power off was asked for: <see cref="LetDown"/> ends at once. Any thread.</summary>
    public void Hurry() => _hurry = true;

    /// <summary>Limits, and goals so that nothing moves: where each joint is, or zero.</summary>
    /// <exception cref="RobotException">A servo does not take one.</exception>
    public void Prepare(ReadOnlySpan<double> state)
    {
        for (int i = 0; i < joints.Length; i++)
        {
            FeetechJoint joint = joints[i];
            Require(joint, FeetechTable.TorqueLimit, FeetechUnits.TorqueRaw(joint.Options.TorqueLimit));
            Require(joint, FeetechTable.Acceleration, FeetechUnits.AccelerationRaw(joint.Options.Acceleration));
            Require(joint, FeetechTable.GoalVelocity, joint.IsVelocity ? 0 : joint.SpeedLimit);
            if (!joint.IsVelocity)
            {
                Require(joint, FeetechTable.GoalPosition, joint.Goal(state[i * FeetechJoint.States]));
            }
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

    private void Require(FeetechJoint joint, FeetechRegister register, int value)
    {
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            beat();
            if (link.TryWrite(joint.Id, register, value))
            {
                return;
            }
        }

        throw new RobotException(
            FeetechBusDevice.Kind, $"Robot {FeetechBusDevice.Kind}: servo {joint.Id} ({joint.Name}) does not take {value} in register {register.Address}. Check cables and supply.");
    }
}
