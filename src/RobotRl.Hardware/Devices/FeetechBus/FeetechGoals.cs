using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>Goals of all servos, by sync write. Does not allocate once made. One thread.</summary>
internal sealed class FeetechGoals
{
    private readonly FeetechLink _link;
    private readonly FeetechJoint[] _joints;
    private readonly byte[] _positionIds, _velocityIds;
    private readonly int[] _positions, _velocities;

    public FeetechGoals(FeetechLink link, FeetechJoint[] joints)
    {
        (_link, _joints) = (link, joints);
        _positionIds = [.. joints.Where(j => !j.IsVelocity).Select(j => j.Id)];
        _velocityIds = [.. joints.Where(j => j.IsVelocity).Select(j => j.Id)];
        (_positions, _velocities) = (new int[_positionIds.Length], new int[_velocityIds.Length]);
    }

    /// <summary>Sends a command, [joints], rad or rad/s.</summary>
    public void Send(ReadOnlySpan<double> command)
    {
        int position = 0, velocity = 0;
        for (int i = 0; i < _joints.Length; i++)
        {
            int goal = _joints[i].Goal(command[i]);
            if (_joints[i].IsVelocity)
            {
                _velocities[velocity++] = goal;
            }
            else
            {
                _positions[position++] = goal;
            }
        }

        SendAll(_positionIds);
    }

    /// <summary>Tells every servo to stay: position goals where each is now, velocity zero. One that does not tell where it is keeps its goal.</summary>
    public void Hold()
    {
        FeetechRegister present = FeetechTable.PresentPosition;
        _link.SyncRead(present.Address, present.Size, _positionIds);
        Span<byte> told = stackalloc byte[_positionIds.Length];
        int count = 0;
        foreach (byte id in _positionIds)
        {
            if (_link.HasAnswered(id))
            {
                _positions[count] = present.Decode(_link.Data(id, present.Size));
                told[count++] = id;
            }
        }

        Array.Clear(_velocities);
        SendAll(told[..count]);
    }

    private void SendAll(ReadOnlySpan<byte> positionIds)
    {
        if (positionIds.Length > 0)
        {
            _link.TrySyncWrite(FeetechTable.GoalPosition, positionIds, _positions.AsSpan(0, positionIds.Length));
        }

        if (_velocityIds.Length > 0 && !_link.IsLost)
        {
            _link.TrySyncWrite(FeetechTable.GoalVelocity, _velocityIds, _velocities);
        }
    }
}
