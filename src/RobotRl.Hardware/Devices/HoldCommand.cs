using System.Globalization;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Devices;

/// <summary>The command that ceases motion under power: position keeps its last goal, all else goes to its safe value.</summary>
internal sealed class HoldCommand
{
    // Encoder noise and a joint that leans on its end stop. No more than the gate lets a joint be outside (the default of
    // JointLimits.PositionMargin), or arming would be granted only to end at once.
    private const double RangeTolerance = 0.01,
        MaxOutside = 0.01;

    private readonly int[] _positionStates;
    private readonly double[] _values;
    private RobotDescription _robot;

    public HoldCommand(RobotDescription robot)
    {
        _robot = robot;
        CanHold = robot.HasDamping || robot.Commands.All(c => c.Kind is InterfaceKind.Position or InterfaceKind.Velocity);
        int commands = robot.Commands.Length;
        (_positionStates, _values) = (new int[commands], new double[commands]);
        for (int i = 0; i < commands; i++)
        {
            CommandInterface command = robot.Commands[i];
            _positionStates[i] = command.PositionState is { } position ? robot.StateIndex(position) : -1;
        }
    }

    /// <summary>
    /// Whether the driver alone can bring the robot to rest: positions and velocities only, or a device that damps at zero
    /// effort, current or voltage.
    /// </summary>
    public bool CanHold { get; }

    /// <summary>[commands].</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>The same interfaces with the ranges that hold from now on.</summary>
    public void Narrow(RobotDescription robot) => _robot = robot;

    /// <summary>
    /// Why the robot must not be powered where it is: a joint beyond its range would be driven back into it. Null where all are
    /// within.
    /// </summary>
    public string? OutOfRange(ReadOnlySpan<double> state)
    {
        for (int i = 0; i < _values.Length; i++)
        {
            CommandInterface command = _robot.Commands[i];
            double tolerance = Math.Min(MaxOutside, RangeTolerance * (command.Maximum - command.Minimum));
            if (
                command.Kind == InterfaceKind.Position
                && _positionStates[i] >= 0
                && double.IsFinite(tolerance)
                && !(state[_positionStates[i]] >= command.Minimum - tolerance && state[_positionStates[i]] <= command.Maximum + tolerance)
            )
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{command.Name} is {state[_positionStates[i]]:0.###} {command.Unit}, beyond its range "
                        + $"({command.Minimum:0.###} to "
                        + $"{command.Maximum:0.###}{(command.LimitedBy is null ? "" : $", by {command.LimitedBy}")}). Move it into "
                        + $"the range by hand, or calibrate it again."
                );
            }
        }

        return null;
    }

    /// <summary>From the measured pose.</summary>
    public void StartAt(ReadOnlySpan<double> state)
    {
        for (int i = 0; i < _values.Length; i++)
        {
            CommandInterface command = _robot.Commands[i];
            _values[i] =
                command.Kind == InterfaceKind.Position && _positionStates[i] >= 0
                    ? Math.Clamp(state[_positionStates[i]], command.Minimum, command.Maximum)
                    : command.SafeValue;
        }
    }

    /// <summary>Position goals move on with what was commanded.</summary>
    public void Follow(ReadOnlySpan<double> command)
    {
        for (int i = 0; i < _values.Length; i++)
        {
            if (_robot.Commands[i].Kind == InterfaceKind.Position)
            {
                _values[i] = command[i];
            }
        }
    }
}
