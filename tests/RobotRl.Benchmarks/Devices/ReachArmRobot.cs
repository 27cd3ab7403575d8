using System.Collections.Immutable;
using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Physics;

namespace RobotRl.Benchmarks.Devices;

/// <summary>
/// The six-servo arm of `robotrl emulate dynamixel` in lockstep: the emulated servos' position and velocity loops (gains 20 and
/// 100 1/s, 11 rad/s), without bus,
/// friction and saturation of torque, which a load of 0.001 kg m^2 never reaches. State: position and velocity of each joint;
/// command: positions.
/// </summary>
internal sealed class ReachArmRobot : SimulatedRobot
{
    private const int Joints = 6,
        Substeps = 20;
    private const double StepSeconds = 0.0005,
        PositionGain = 20,
        VelocityGain = 100,
        NoLoadSpeed = 11,
        MaxAcceleration = 500;

    public ReachArmRobot()
        : base(s_description, new double[2 * Joints]) { }

    public static ImmutableArray<string> JointNames { get; } = ["base", "shoulder", "elbow", "wrist", "roll", "gripper"];

    private static readonly RobotDescription s_description = new(
        "reach-arm",
        [
            .. JointNames.SelectMany(name =>
                (StateInterface[])
                    [
                        new($"{name}/position", InterfaceKind.Position, "rad", double.NegativeInfinity, double.PositiveInfinity),
                        new($"{name}/velocity", InterfaceKind.Velocity, "rad/s", double.NegativeInfinity, double.PositiveInfinity),
                    ]
            ),
        ],
        [
            .. JointNames.Select(name => new CommandInterface($"{name}/position", InterfaceKind.Position, "rad", -Math.PI, Math.PI, 0)
            {
                PositionState = $"{name}/position",
                VelocityState = $"{name}/velocity",
            }),
        ],
        TimeSpan.FromMilliseconds(10)
    );

    protected override void Step(ReadOnlySpan<double> state, ReadOnlySpan<double> command, Span<double> next)
    {
        for (int j = 0; j < Joints; j++)
        {
            (double position, double velocity) = (state[2 * j], state[(2 * j) + 1]);
            for (int k = 0; k < Substeps; k++)
            {
                double wanted = Math.Clamp(PositionGain * (command[j] - position), -NoLoadSpeed, NoLoadSpeed);
                velocity += StepSeconds * Math.Clamp(VelocityGain * (wanted - velocity), -MaxAcceleration, MaxAcceleration);
                position += StepSeconds * velocity;
            }

            (next[2 * j], next[(2 * j) + 1]) = (position, velocity);
        }
    }
}
