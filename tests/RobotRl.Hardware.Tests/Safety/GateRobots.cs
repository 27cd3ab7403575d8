using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;

namespace RobotRl.Hardware.Tests.Safety;

/// <summary>Descriptions of one-joint robots for the gate's tests.</summary>
internal static class GateRobots
{
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    public const double PeriodSeconds = 0.01;

    public static RobotDescription OneJoint(InterfaceKind kind, double range = 100, double safe = 0) =>
        new(
            "arm",
            [
                new StateInterface("elbow/position", InterfaceKind.Position, "rad", double.NegativeInfinity, double.PositiveInfinity),
                new StateInterface("elbow/velocity", InterfaceKind.Velocity, "rad/s", double.NegativeInfinity, double.PositiveInfinity),
            ],
            [
                new CommandInterface("elbow/command", kind, "SI", -range, range, safe)
                {
                    PositionState = "elbow/position",
                    VelocityState = "elbow/velocity",
                },
            ],
            Period
        );

    public static SafetyGate Gate(
        InterfaceKind kind,
        JointLimits? limits,
        double range = 100,
        TimeSpan? maxSensorAge = null,
        double safe = 0
    )
    {
        var options = new SafetyOptions { MaxSensorAge = maxSensorAge };
        if (limits is not null)
        {
            options.Joints["elbow/command"] = limits;
        }

        return new(OneJoint(kind, range, safe), options, Period);
    }
}
