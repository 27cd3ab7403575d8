using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Devices;

/// <summary>
/// A joint's goal from power-on until the first command of another value. The driver's hold command begins at the measured pose, within the
/// range; the goal that the servo was given when its torque came on is the reading itself. So until the robot is told something else, the
/// servo is sent that goal again, to the tick, even if the joint stands beside its range.
/// </summary>
internal struct HeldGoal
{
    private double _command;
    private int _goal;
    private bool _isHeld;

    /// <summary>
    /// Torque is on: the joint is at <paramref name="state"/>, and its servo holds <paramref name="goal"/>, register units.
    /// </summary>
    public void Hold(double state, CommandInterface command, int goal) =>
        (_command, _goal, _isHeld) = (Math.Clamp(state, command.Minimum, command.Maximum), goal, true);

    /// <summary>
    /// The held goal, while <paramref name="command"/> is still the one that power-on began with; false from the first other
    /// command on.
    /// </summary>
    public bool TryGet(double command, out int goal)
    {
        _isHeld &= command == _command;
        goal = _goal;
        return _isHeld;
    }
}
