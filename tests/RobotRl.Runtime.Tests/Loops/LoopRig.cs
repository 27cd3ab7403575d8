using RobotRl.Algorithms;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Tests.Loops;

/// <summary>A control loop on a <see cref="ScriptedRobot"/>, ticked by hand.</summary>
internal sealed class LoopRig : IDisposable
{
    /// <summary>The action is the hyperbolic tangent of the bias, nothing else.</summary>
    public static readonly PolicySpec Constant = new(new MlpShape(2, [], 1), PolicyHead.Deterministic, 1);

    public static readonly PolicySpec Gaussian = new(new MlpShape(2, [8], 2), PolicyHead.SquashedGaussian, 1);

    public LoopRig(
        int divisor = 1,
        SwapRule swapRule = SwapRule.AnyTick,
        SafetyOptions? safety = null,
        PolicySpec? spec = null,
        int ring = 1024,
        bool incremental = false,
        double? goal = null,
        bool follow = false,
        ScriptedRobot? robot = null
    )
    {
        Robot = robot ?? new();
        Task = goal is { } aim ? new AimingTask { Goal = aim } : new ScriptedTask { IsIncremental = incremental };
        Robot.Open();
        Robot.PowerOn();
        Gate = new SafetyGate(Robot.Description, safety ?? new SafetyOptions(), ScriptedRobot.Period);
        Layout = FrameLayout.For(Task, Robot, Gate);
        Ring = new ExperienceRing(Layout.Size, ring);
        (Policies, Fallback) = (new PolicyMailbox(spec ?? Constant), new PolicyMailbox(spec ?? Constant));
        Loop = new ControlLoop(
            Robot,
            Task,
            Gate,
            Ring,
            Policies,
            Fallback,
            new CounterRandom(7, RandomPurpose.Acting),
            new ControlLoopSettings(divisor, swapRule, Frozen: false)
            {
                Follow = follow ? new FollowWatch(Robot.Description, safety ?? new SafetyOptions(), ScriptedRobot.Period) : null,
            }
        );
    }

    public ScriptedRobot Robot { get; }

    public ScriptedTask Task { get; }

    public SafetyGate Gate { get; }

    public FrameLayout Layout { get; }

    public ExperienceRing Ring { get; }

    public PolicyMailbox Policies { get; }

    public PolicyMailbox Fallback { get; }

    public ControlLoop Loop { get; }

    public long NowNs => Robot.Now.Ticks * TimeSpan.NanosecondsPerTick;

    public static PolicyBlock Block(float bias, long version = 1)
    {
        var block = new PolicyBlock(Constant) { Version = version };
        block.Parameters[^1] = bias;
        return block;
    }

    public static PolicyBlock RandomBlock(ulong seed)
    {
        var block = new PolicyBlock(Gaussian) { Version = (long)seed };
        var random = new CounterRandom(seed, RandomPurpose.Initialisation);
        foreach (ref float parameter in block.Parameters.AsSpan())
        {
            parameter = random.NextSingle() - 0.5f;
        }

        return block;
    }

    /// <summary>Arms, offers <paramref name="bias"/> and begins an episode: the first action is taken in the last of its ticks.</summary>
    public LoopRig Begin(float bias = 0.5f)
    {
        Policies.Offer(Block(bias));
        return BeginWithOffer();
    }

    public LoopRig BeginWithOffer()
    {
        Loop.Arm();
        Tick();
        Loop.BeginEpisode();
        return Tick();
    }

    public LoopRig Tick(int count = 1)
    {
        for (int i = 0; i < count; i++)
        {
            Robot.Now += ScriptedRobot.Period;
            Loop.Tick(NowNs);
        }

        return this;
    }

    /// <summary>Takes the oldest finished transition.</summary>
    public Frame Take()
    {
        Assert.True(Ring.TryPeek(out ReadOnlySpan<byte> bytes), "no transition was finished");
        var frame = new Frame(Layout, bytes.ToArray());
        Ring.Release();
        return frame;
    }

    public List<Frame> TakeAll()
    {
        var frames = new List<Frame>();
        while (Ring.Count > 0)
        {
            frames.Add(Take());
        }

        return frames;
    }

    public void Dispose()
    {
        Policies.Dispose();
        Fallback.Dispose();
    }

    /// <summary>A copy of a finished transition.</summary>
    internal sealed record Frame(FrameLayout Layout, byte[] Bytes)
    {
        public FrameHeader Header => FrameLayout.Header(Bytes);

        public Transition Transition => Layout.View(Bytes);
    }
}
