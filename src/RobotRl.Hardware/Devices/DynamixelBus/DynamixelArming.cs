using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>
/// Switches torque on so that nothing moves. Until every goal is known to be the servo's own reading, its loops may give nothing
/// (PWM goal 0): the count of a position begins anew with torque, and what a servo does with an older goal then is not documented.
/// </summary>
internal sealed class DynamixelArming(
    string robot,
    DynamixelLink link,
    DynamixelJoint[] joints,
    byte[] ids,
    DynamixelRegisters registers,
    int watchdog
)
{
    // How far a joint may sink or swing between two readings, ticks: 5 degrees.
    private const int Tolerance = 64;

    private const int Tries = 3;

    private readonly int[] _values = new int[ids.Length],
        _present = new int[ids.Length],
        _goals = new int[ids.Length];
    private readonly bool[] _differs = new bool[ids.Length];
    private bool _isHeldBack;

    /// <summary>Torque on, goals at the present positions, velocities and currents 0.</summary>
    /// <exception cref="RobotException">
    /// A servo refuses or does not confirm something; part of them may be on, with nothing to give.
    /// </exception>
    public void PowerOn()
    {
        registers.SetUpAll();

        // Zero clears a watchdog that has struck; nothing else may.
        WriteAll(DynamixelTable.BusWatchdog, 0);
        _isHeldBack = true;
        WriteAll(DynamixelTable.GoalPwm, 0);
        WriteAll(DynamixelTable.ProfileAcceleration, 0);
        WriteAll(DynamixelTable.ProfileVelocity, 0);
        Read(DynamixelTable.PresentPosition, _present);
        for (int i = 0; i < joints.Length; i++)
        {
            _goals[i] = joints[i].IsPositioned ? joints[i].ReadingUnderTorque(_present[i]) : 0;
            if (joints[i].BeyondLimits(_goals[i]) is { } beyond)
            {
                throw Error(joints[i], beyond);
            }
        }

        registers.WriteGoals(_goals);
        WriteAll(DynamixelTable.BusWatchdog, watchdog);
        WriteAll(DynamixelTable.TorqueEnable, 1);
        TakeTurnsAnew();
        for (int i = 0; i < joints.Length; i++)
        {
            _values[i] = joints[i].PwmGoal;
        }

        registers.WriteAll(DynamixelTable.GoalPwm, _values);
        _isHeldBack = false;
    }

    /// <summary>Torque is off: another program must not find a servo that gives nothing.</summary>
    public void Release()
    {
        if (_isHeldBack && !link.IsLost)
        {
            for (int i = 0; i < joints.Length; i++)
            {
                _values[i] = joints[i].Stored.PwmLimit;
            }

            link.SyncWrite(DynamixelTable.GoalPwm, ids, _values);
            _isHeldBack = false;
        }
    }

    /// <summary>The goals of power-on, [servos], register units.</summary>
    public ReadOnlySpan<int> Goals => _goals;

    private void TakeTurnsAnew()
    {
        Read(DynamixelTable.PresentPosition, _present);
        for (int i = 0; i < joints.Length; i++)
        {
            DynamixelJoint joint = joints[i];
            if (!joint.IsPositioned)
            {
                joint.TakeTurnAnew(_present[i]);
                _differs[i] = false;
                continue;
            }

            const int Turn = DynamixelUnits.TicksPerTurn;
            int moved = (((_present[i] - _goals[i] + (Turn / 2)) % Turn) + Turn) % Turn;
            if (Math.Abs(moved - (Turn / 2)) > Tolerance)
            {
                throw Error(
                    joint,
                    FormattableString.Invariant(
                        $"reads {_present[i]} ticks (register 132) with its torque on, where {_goals[i]} was expected. "
                    ) + "Support the joint so that it rests, and arm again"
                );
            }

            joint.TakeTurnAnew(_present[i]);
            _differs[i] = _present[i] != _goals[i];
            _goals[i] = _present[i];
        }

        registers.WriteGoals(_goals, _differs);

        Read(DynamixelTable.GoalPosition, _values);
        for (int i = 0; i < joints.Length; i++)
        {
            if (joints[i].IsPositioned && _values[i] != _goals[i])
            {
                throw Error(
                    joints[i],
                    FormattableString.Invariant($"holds the goal {_values[i]} (register 116), where {_goals[i]} was written. ")
                        + "Give the bus to this runtime alone, and arm again"
                );
            }
        }
    }

    private void Read(DynamixelRegister register, int[] values)
    {
        for (int i = 0; i < Tries; i++)
        {
            if (link.TrySyncRead(register, ids, values))
            {
                return;
            }
        }

        throw new RobotException(robot, $"Robot {robot}: positions cannot be read on {link.Name}. Check cable and supply.");
    }

    private void WriteAll(DynamixelRegister register, int value)
    {
        Array.Fill(_values, value);
        registers.WriteAll(register, _values);
    }

    private RobotException Error(DynamixelJoint joint, string what) =>
        new(robot, FormattableString.Invariant($"Robot {robot}: servo {joint.Id} ({joint.Name}) on {link.Name} {what}."));
}
