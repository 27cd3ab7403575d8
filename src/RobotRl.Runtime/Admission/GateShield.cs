using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Admission;

/// <summary>
/// A safety gate of its own, with the limits of the real one, to ask what-if questions on the learner's side. Context: the
/// robot's state [states], then the gate's state [<see cref="SafetyGate.StateSize"/>] before the tick.
/// </summary>
public sealed class GateShield : IShield
{
    private readonly SafetyGate _gate;
    private readonly IControlTask _task;
    private readonly double[] _command,
        _executed;
    private readonly int _states;

    /// <summary>Builds it with the arguments of the gate that guards the robot; <paramref name="task"/> maps actions to commands.</summary>
    public GateShield(RobotDescription robot, SafetyOptions options, TimeSpan period, IControlTask task)
    {
        ArgumentNullException.ThrowIfNull(robot);
        _gate = new(robot, options, period);
        _task = task;
        _states = robot.States.Length;
        _command = new double[robot.Commands.Length];
        _executed = new double[robot.Commands.Length];
    }

    /// <inheritdoc/>
    public int ContextSize => _states + _gate.StateSize;

    /// <inheritdoc/>
    public bool WouldChange(ReadOnlySpan<float> action, ReadOnlySpan<double> context)
    {
        _gate.RestoreState(context[_states..]);
        _task.ToCommand(action, _gate.PreviousCommand, _command);
        return _gate.Apply(_command, context[.._states], TimeSpan.Zero, _executed).Outcome != GateOutcome.Accepted;
    }
}
