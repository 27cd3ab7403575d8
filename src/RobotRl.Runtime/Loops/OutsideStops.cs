using RobotRl.Hardware.Contracts;

namespace RobotRl.Runtime.Loops;

/// <summary>Hands each stop that is demanded at the robot, past the runtime, to the supervisor once.</summary>
internal sealed class OutsideStops(IRobot robot)
{
    private readonly IStopSource? _source = robot as IStopSource;
    private DemandedStop? _taken;

    /// <summary>Whether one was taken since <see cref="Forget"/>.</summary>
    public bool Stands { get; private set; }

    /// <summary>
    /// Requests what was demanded since the last look: power-off as an emergency stop, milder levels as an operator's stop.
    /// </summary>
    public void Look(Supervisor supervisor)
    {
        if (_source?.DemandedStop is not { } demand || ReferenceEquals(demand, _taken))
        {
            return;
        }

        (_taken, Stands) = (demand, true);
        if (demand.Level == StopLevel.PowerOff)
        {
            supervisor.RequestEmergencyStop(demand.Reason);
        }
        else
        {
            supervisor.RequestOperatorStop(demand.Reason);
        }
    }

    /// <summary>Armed again.</summary>
    public void Forget() => Stands = false;
}
