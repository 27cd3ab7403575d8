using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>Goals of all servos, by sync write. Does not allocate once made. One thread.</summary>
internal sealed class FeetechGoals
{
    // Two readings, and two more for lost replies.
    private const int Looks = 4;

    private readonly FeetechLink _link;
    private readonly FeetechJoint[] _joints;
    private readonly MonotonicStamp _clock;
    private readonly CheckedPositions _seen;
    private readonly double _speed;
    private readonly FeetechJoint[] _positionJoints;
    private readonly byte[] _positionIds,
        _velocityIds;
    private readonly int[] _positions,
        _velocities;

    public FeetechGoals(FeetechLink link, FeetechJoint[] joints, MonotonicStamp clock)
    {
        (_link, _joints, _clock, _speed) = (link, joints, clock, FeetechJoint.FastestOf(joints));
        _positionJoints = [.. joints.Where(j => !j.IsVelocity)];
        _positionIds = [.. joints.Where(j => !j.IsVelocity).Select(j => j.Id)];
        _velocityIds = [.. joints.Where(j => j.IsVelocity).Select(j => j.Id)];
        (_positions, _velocities) = (new int[_positionIds.Length], new int[_velocityIds.Length]);
        _seen = new(_positionIds.Length);
    }

    /// <summary>Sends a command, [joints], rad or rad/s.</summary>
    public void Send(ReadOnlySpan<double> command)
    {
        int position = 0,
            velocity = 0;
        for (int i = 0; i < _joints.Length; i++)
        {
            int goal = _joints[i].Next(command[i]);
            if (_joints[i].IsVelocity)
            {
                _velocities[velocity++] = goal;
            }
            else
            {
                _positions[position++] = goal;
            }
        }

        SendAll();
    }

    /// <summary>
    /// Tells every servo to stay: velocity zero, and position goals where each is now. A goal is sent only if two readings in a row,
    /// each in one block with registers that vouch for it, agree as far as a joint can move in between. Otherwise a servo keeps its goal,
    /// and so does one that would leave its place for that goal, by its limits or by the mode that it is in.
    /// </summary>
    public void Hold()
    {
        StopTurning();
        Span<bool> held = stackalloc bool[_positionIds.Length];
        Span<byte> told = stackalloc byte[_positionIds.Length];
        held.Clear();
        _seen.Clear();
        for (int look = 0; look < Looks && held.Contains(false) && !_link.IsLost; look++)
        {
            // Each has a reply of another length, so that none is taken for another's.
            int front = look,
                length = FeetechControlBlock.Length + front,
                count = 0;
            _link.SyncRead((byte)(FeetechControlBlock.FirstAddress - front), (byte)length, _positionIds);
            for (int i = 0; i < _positionIds.Length; i++)
            {
                if (
                    held[i]
                    || !_link.HasAnswered(_positionIds[i])
                    || !FeetechControlBlock.TryDecode(_link.Data(_positionIds[i], length)[front..], out FeetechControlBlock block)
                )
                {
                    continue;
                }

                held[i] = !block.Torque || !_positionJoints[i].StaysAt(block.Position);
                if (!held[i] && _seen.Allow(i, block.Position, _clock.Now, _speed))
                {
                    (_positions[count], told[count], held[i]) = (block.Position, _positionIds[i], true);
                    count++;
                }

                _seen.Set(i, block.Position, _positionJoints[i].Kept.LeastGoal, _positionJoints[i].Kept.GreatestGoal, _clock.Now);
            }

            SendPositions(told[..count]);
        }
    }

    /// <summary>Zero to every servo that turns by what it was told last, as the mode that it is in has it.</summary>
    private void StopTurning()
    {
        SendZero(FeetechMode.Velocity, FeetechTable.GoalVelocity);
        SendZero(FeetechMode.Pwm, FeetechTable.GoalTime);
    }

    private void SendZero(FeetechMode mode, FeetechRegister register)
    {
        Span<byte> ids = stackalloc byte[_joints.Length];
        Span<int> zeros = stackalloc int[_joints.Length];
        zeros.Clear();
        int count = 0;
        foreach (FeetechJoint joint in _joints)
        {
            if (joint.Mode == mode)
            {
                ids[count++] = joint.Id;
            }
        }

        if (count > 0 && !_link.IsLost)
        {
            _link.TrySyncWrite(register, ids[..count], zeros[..count]);
        }
    }

    private void SendAll()
    {
        SendPositions(_positionIds);
        if (_velocityIds.Length > 0 && !_link.IsLost)
        {
            _link.TrySyncWrite(FeetechTable.GoalVelocity, _velocityIds, _velocities);
        }
    }

    private void SendPositions(ReadOnlySpan<byte> ids)
    {
        if (ids.Length > 0)
        {
            _link.TrySyncWrite(FeetechTable.GoalPosition, ids, _positions.AsSpan(0, ids.Length));
        }
    }
}
