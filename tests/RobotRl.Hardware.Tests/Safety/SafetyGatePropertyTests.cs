using CsCheck;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;

namespace RobotRl.Hardware.Tests.Safety;

/// <summary>Whatever is proposed, what comes out keeps every limit. CsCheck prints the seed of a counterexample.</summary>
public sealed class SafetyGatePropertyTests
{
    private const double Dt = GateRobots.PeriodSeconds,
        Slack = 1e-9;

    private static readonly double[] Extremes = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e308, -1e308];

    private static readonly Gen<double> Anything = Gen.Frequency(
        (8, Gen.Double[-3, 3]),
        (1, Gen.Double),
        (1, Gen.Int[0, 4].Select(i => Extremes[i]))
    );

    private static readonly Gen<double?> Limit = Gen.Double[0.1, 50].Nullable(0.3);

    private static readonly Gen<JointLimits> Limits = Gen.Select(
        Limit,
        Limit,
        Limit,
        Limit,
        Gen.Bool,
        (velocity, acceleration, jerk, rate, position) =>
            new JointLimits
            {
                MinPosition = position ? -1 : null,
                MaxPosition = position ? 1.5 : null,
                MaxVelocity = velocity,
                MaxAcceleration = acceleration,
                MaxJerk = jerk * 20,
                MaxCommandRate = rate,
            }
    );

    [Fact]
    public void Apply_PositionCommands_KeepEveryLimitBetweenConsecutiveCommands() =>
        Gen.Select(Limits, Gen.Double[-1, 1.5], Anything.Array[150], Gen.Int[1, 40])
            .Sample(
                (limits, start, proposals, stride) =>
                {
                    SafetyGate gate = GateRobots.Gate(InterfaceKind.Position, limits, range: limits.MaxPosition is null ? 1e6 : 4);
                    gate.Resynchronise([start, 0]);
                    double[] executed = [0];
                    double previous = start,
                        velocity = 0,
                        acceleration = 0;
                    for (int i = 0; i < proposals.Length; i++)
                    {
                        // Held for a stretch, so that speed and acceleration build up.
                        GateVerdict verdict = gate.Apply([proposals[i / stride * stride]], [previous, velocity], TimeSpan.Zero, executed);
                        double next = executed[0],
                            nextVelocity = (next - previous) / Dt,
                            nextAcceleration = (nextVelocity - velocity) / Dt;
                        Assert.InRange(next, limits.MinPosition ?? -1e6, limits.MaxPosition ?? 1e6);
                        bool stopped = verdict.Outcome == GateOutcome.Rejected;
                        AtMost(nextVelocity, limits.MaxVelocity);
                        AtMost(nextVelocity, limits.MaxCommandRate);
                        if (!stopped)
                        {
                            AtMost(nextAcceleration, limits.MaxAcceleration);
                            if (limits.MaxPosition is null && Math.Abs(next) < 9e5)
                            {
                                AtMost((nextAcceleration - acceleration) / Dt, limits.MaxJerk, 1e-4);
                            }
                        }

                        (previous, velocity, acceleration) = stopped ? (next, 0, 0) : (next, nextVelocity, nextAcceleration);
                    }
                }
            );

    [Fact]
    public void Apply_VelocityCommands_KeepEveryLimitAndStopBeforeThePositionLimits() =>
        Gen.Select(Limits, Gen.Double[-1, 1.5], Anything.Array[150], Gen.Int[1, 40])
            .Sample(
                (limits, start, proposals, stride) =>
                {
                    limits.BrakingDeceleration = limits.MaxPosition is null ? null : limits.MaxAcceleration ?? 7;
                    SafetyGate gate = GateRobots.Gate(InterfaceKind.Velocity, limits, range: 60);
                    double[] executed = [0];
                    double position = start,
                        velocity = 0,
                        acceleration = 0;
                    gate.Resynchronise([start, 0]);
                    for (int i = 0; i < proposals.Length; i++)
                    {
                        GateVerdict verdict = gate.Apply([proposals[i / stride * stride]], [position, velocity], TimeSpan.Zero, executed);
                        double next = executed[0],
                            nextAcceleration = (next - velocity) / Dt;
                        AtMost(next, limits.MaxVelocity ?? 60);
                        bool stopped = verdict.Outcome == GateOutcome.Rejected;
                        if (!stopped)
                        {
                            AtMost(nextAcceleration, limits.MaxAcceleration);
                            if (limits.MaxPosition is null)
                            {
                                AtMost(nextAcceleration, limits.MaxCommandRate);
                                if (limits.MaxCommandRate is null && Math.Abs(next) < 60)
                                {
                                    AtMost((nextAcceleration - acceleration) / Dt, limits.MaxJerk, 1e-4);
                                }
                            }
                        }

                        position += next * Dt;
                        (velocity, acceleration) = stopped ? (next, 0) : (next, nextAcceleration);
                        if (limits.MaxPosition is { } most)
                        {
                            Assert.InRange(position, limits.MinPosition!.Value - Slack, most + Slack);
                        }
                    }
                }
            );

    [Fact]
    public void Apply_EffortOnDoubleIntegrator_NeverPassesPositionOrVelocityLimits() =>
        Gen.Select(Gen.Double[0.2, 5], Gen.Double[1, 50], Gen.Double[0.2, 1], Gen.Double[-0.9, 1.4], Anything.Array[400], Limit)
            .Sample(
                (mass, effort, weakness, start, proposals, maxVelocity) =>
                {
                    double strongest = effort / mass;
                    var limits = new JointLimits
                    {
                        MinPosition = -1,
                        MaxPosition = 1.5,
                        MaxEffort = effort,
                        MaxAcceleration = strongest,
                        BrakingDeceleration = strongest * weakness,
                        MaxVelocity = maxVelocity,
                    };
                    SafetyGate gate = GateRobots.Gate(InterfaceKind.Effort, limits, range: 60);
                    double[] executed = [0];
                    double position = start,
                        velocity = 0;
                    for (int i = 0; i < proposals.Length; i++)
                    {
                        double proposed = proposals[i / 20 * 20] * effort;
                        gate.Apply([proposed], [position, velocity], TimeSpan.Zero, executed);
                        Assert.True(double.IsFinite(executed[0]));
                        Assert.InRange(executed[0], -effort, effort);
                        double acceleration = executed[0] / mass;
                        double within = position + Highest(velocity, acceleration),
                            below = position - Highest(-velocity, -acceleration);
                        Assert.InRange(within, -1 - Slack, 1.5 + Slack);
                        Assert.InRange(below, -1 - Slack, 1.5 + Slack);
                        position += (velocity * Dt) + (0.5 * acceleration * Dt * Dt);
                        velocity += acceleration * Dt;
                        AtMost(velocity, maxVelocity);
                    }
                }
            );

    [Fact]
    public void Apply_NothingConfiguredAndLegal_IsTheIdentity() =>
        Gen.Select(Gen.Int[0, 2].Select(i => (InterfaceKind)i), Gen.Double[-2, 2].Array[20])
            .Sample(
                (kind, proposals) =>
                {
                    SafetyGate gate = GateRobots.Gate(kind, null, range: 2);
                    double[] executed = [0];
                    foreach (double proposed in proposals)
                    {
                        Assert.Equal(
                            new(GateOutcome.Accepted, GateReasons.None, -1),
                            gate.Apply([proposed], [0, 0], TimeSpan.FromHours(1), executed)
                        );
                        Assert.Equal(BitConverter.DoubleToInt64Bits(proposed), BitConverter.DoubleToInt64Bits(executed[0]));
                    }
                }
            );

    [Fact]
    public void Apply_LimitsWideEnough_PassTheProposalBitForBit() =>
        Gen.Select(Gen.Double[-2, 2], Gen.Double[-2, 2])
            .Sample(
                (first, second) =>
                {
                    var limits = new JointLimits
                    {
                        MinPosition = -1e3,
                        MaxPosition = 1e3,
                        MaxVelocity = 1e4,
                        MaxAcceleration = 1e7,
                        MaxJerk = 1e10,
                        MaxCommandRate = 1e4,
                    };
                    SafetyGate gate = GateRobots.Gate(InterfaceKind.Position, limits, range: 50);
                    double[] executed = [0];
                    Assert.Equal(GateOutcome.Accepted, gate.Apply([first], [0, 0], TimeSpan.Zero, executed).Outcome);
                    Assert.Equal(GateOutcome.Accepted, gate.Apply([second], [0, 0], TimeSpan.Zero, executed).Outcome);
                    Assert.Equal(second, executed[0]);
                }
            );

    /// <summary>Farthest way up within one period.</summary>
    private static double Highest(double velocity, double acceleration)
    {
        double turn = acceleration < 0 && velocity > 0 ? Math.Min(Dt, -velocity / acceleration) : Dt;
        return Math.Max(0, (velocity * turn) + (0.5 * acceleration * turn * turn));
    }

    private static void AtMost(double value, double? limit, double relative = 1e-6)
    {
        if (limit is { } most)
        {
            Assert.InRange(Math.Abs(value), 0, (most * (1 + relative)) + 1e-6);
        }
    }
}
