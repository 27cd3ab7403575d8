using System.Globalization;
using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>
/// Reads back, servo by servo while it is powered, what power on has set: torque, torque limit, acceleration, speed limit. Another
/// master on the bus may change them, and a servo that lost its supply for a moment forgets them. Allocates only for a fault. One thread.
/// </summary>
internal sealed class FeetechHealth(FeetechLink link, FeetechJoint[] joints, TimeSpan period)
{
    // Each servo of six is looked at about eight times a second.
    private readonly int _every = Math.Max(1, (int)Math.Ceiling(TimeSpan.FromMilliseconds(20) / period));
    private int _cycle,
        _next;
    private byte _suspect;

    /// <summary>The robot was just switched on.</summary>
    public void Restart() => (_cycle, _next, _suspect) = (0, 0, 0);

    /// <summary>
    /// Once a cycle: what is wrong with the servo whose turn it is, in one sentence; null if nothing is, or it is nobody's turn.
    /// </summary>
    /// <param name="timeout">Longest wait for its answer.</param>
    public string? Look(TimeSpan timeout)
    {
        if (++_cycle < _every || timeout <= TimeSpan.Zero)
        {
            return null;
        }

        _cycle = 0;
        FeetechJoint joint = joints[_next];
        if (
            !link.TryRead(joint.Id, FeetechControlBlock.FirstAddress, FeetechControlBlock.Length, timeout)
            || !FeetechControlBlock.TryDecode(link.Data(joint.Id, FeetechControlBlock.Length), out FeetechControlBlock block)
        )
        {
            return null;
        }

        (FeetechRegister Register, string Name, int Found, int Set)? changed = Changed(joint, block);
        if (changed is { } change && change.Register.Address == _suspect)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"Robot {FeetechBusDevice.Kind}: servo {joint.Id} ({joint.Name}) has {change.Found} in register "
                    + $"{change.Register.Address} ({change.Name}), {change.Set} was set. Another program wrote it, or the servo "
                    + $"lost its supply for a moment: end that program, check the supply, then arm again."
            );
        }

        // Behind an 8-bit sum one reading proves nothing: the next one must say the same.
        _suspect = changed?.Register.Address ?? 0;
        _next = changed is null ? (_next + 1) % joints.Length : _next;
        return null;
    }

    private static (FeetechRegister Register, string Name, int Found, int Set)? Changed(FeetechJoint joint, in FeetechControlBlock block)
    {
        int limit = joint.TorqueLimit,
            acceleration = FeetechUnits.AccelerationRaw(joint.Options.Acceleration);
        return !block.Torque ? (FeetechTable.TorqueEnable, "torque enable", 0, 1)
            : block.TorqueLimit != limit ? (FeetechTable.TorqueLimit, "torque limit", block.TorqueLimit, limit)
            : block.Acceleration != acceleration ? (FeetechTable.Acceleration, "acceleration", block.Acceleration, acceleration)
            : !joint.IsVelocity && block.Velocity != joint.SpeedLimit
                ? (FeetechTable.GoalVelocity, "speed limit", block.Velocity, joint.SpeedLimit)
            : null;
    }
}
