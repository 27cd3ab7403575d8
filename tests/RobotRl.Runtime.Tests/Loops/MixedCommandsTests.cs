using RobotRl.Algorithms;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Tests.Loops;

/// <summary>reach on a robot with a joint commanded by position and a wheel commanded by velocity.</summary>
public sealed class MixedCommandsTests : IDisposable
{
    private const float Bias = 0.5f;
    private const double Reach = 5;

    private static readonly double s_action = Math.Tanh(Bias);

    private readonly ScriptedRobot _robot = new()
    {
        Description = new(
            "mixed",
            [
                new("joint/position", InterfaceKind.Position, "rad", -4, 4),
                new("joint/velocity", InterfaceKind.Velocity, "rad/s", -100, 100),
                new("wheel/position", InterfaceKind.Position, "rad", -2, 2),
            ],
            [
                new("joint/position", InterfaceKind.Position, "rad", -2, 2, 0)
                {
                    PositionState = "joint/position",
                    VelocityState = "joint/velocity",
                },
                new("wheel/velocity", InterfaceKind.Velocity, "rad/s", -Reach, Reach, 0) { PositionState = "wheel/position" },
            ],
            ScriptedRobot.Period
        ),
    };

    private readonly ReachOptions _options = new();
    private PolicyMailbox? _policies,
        _fallback;
    private FrameLayout? _layout;
    private ExperienceRing? _ring;

    public void Dispose()
    {
        _policies?.Dispose();
        _fallback?.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Tick_AnyPolicyDivisor_ThePositionMovesOnAtTheSpeedOfTheOptions(int divisor)
    {
        ControlLoop loop = Begin(divisor, new());
        double before = _robot.LastWritten;
        Tick(loop, 16);
        Assert.Equal(16 * s_action * _options.Speed * ScriptedRobot.Period.TotalSeconds, _robot.LastWritten - before, 5);
        Assert.Equal(s_action * Reach, loop.Command[1], 5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Tick_GateLimitsTheVelocity_TheExecutedActionIsTheMeanOfWhatWasCommanded(int divisor)
    {
        ControlLoop loop = Begin(divisor, new() { Joints = { ["wheel/velocity"] = new JointLimits { MaxVelocity = 1 } } });
        Tick(loop, divisor + 1);
        Assert.True(_ring!.TryPeek(out ReadOnlySpan<byte> bytes));
        float[] executed = _layout!.Executed(bytes.ToArray()).ToArray();
        Assert.Equal(s_action, executed[0], 4);
        Assert.Equal(1 / Reach, executed[1], 4);
    }

    private ControlLoop Begin(int divisor, SafetyOptions safety)
    {
        _robot.Open();
        _robot.PowerOn();
        var task = new ReachTask(_robot.Description, _options);
        var gate = new SafetyGate(_robot.Description, safety, ScriptedRobot.Period);
        var spec = new PolicySpec(new MlpShape(task.ObservationNames.Length, [], 2), PolicyHead.Deterministic, 2);
        _layout = FrameLayout.For(task, _robot, gate);
        _ring = new ExperienceRing(_layout.Size, 64);
        (_policies, _fallback) = (new PolicyMailbox(spec), new PolicyMailbox(spec));
        var loop = new ControlLoop(
            _robot,
            task,
            gate,
            _ring,
            _policies,
            _fallback,
            new CounterRandom(7, RandomPurpose.Acting),
            new ControlLoopSettings(divisor, SwapRule.AnyTick, Frozen: false)
        );
        var block = new PolicyBlock(spec) { Version = 1 };
        block.Parameters[^1] = Bias;
        block.Parameters[^2] = Bias;
        _policies.Offer(block);
        loop.Arm();
        Tick(loop, 1);
        loop.BeginEpisode();
        Tick(loop, divisor);
        return loop;
    }

    private void Tick(ControlLoop loop, int count)
    {
        for (int i = 0; i < count; i++)
        {
            _robot.Now += ScriptedRobot.Period;
            loop.Tick(_robot.Now.Ticks * TimeSpan.NanosecondsPerTick);
        }
    }
}
