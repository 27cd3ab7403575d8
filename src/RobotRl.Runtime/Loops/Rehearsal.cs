using RobotRl.Algorithms;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Hardware.Timing;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Timing;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// Walks the control tick and every stop through all their branches on a robot that does not exist, before the real one is
/// powered: the first call of cold code takes about 10 ms, which is many ticks.
/// </summary>
internal static class Rehearsal
{
    private const int Rounds = 3,
        TicksPerRound = 60;

    public static void Run(RunParts parts, RobotRlOptions options)
    {
        var robot = new PaperRobot(parts.Robot.Description);
        var gate = new SafetyGate(robot.Description, options.Safety, parts.Period);
        var ring = new ExperienceRing(FrameLayout.For(parts.Task, robot, gate).Size, 64);
        using var policies = new PolicyMailbox(parts.Policies.Front.Spec);
        using var fallback = new PolicyMailbox(parts.Policies.Front.Spec);
        var settings = new ControlLoopSettings(options.Loop.PolicyDivisor, SwapRule.AnyTick, Frozen: parts.Learner is null)
        {
            Follow = new FollowWatch(robot.Description, options.Safety, parts.Period),
            Move = options.Task.Reset == ResetKind.MoveToStart ? new StartMove(robot.Description, options.Task, parts.Period) : null,
        };
        var loop = new ControlLoop(robot, parts.Task, gate, ring, policies, fallback, new CounterRandom(0, RandomPurpose.Acting), settings);
        var supervisor = new Supervisor(
            new Failsafe(options.Failsafe, parts.Period),
            loop,
            gate,
            robot,
            null,
            realTime: true,
            new RangeWatch(robot.Description, options.Safety)
        );
        var block = new PolicyBlock(policies.Front.Spec);
        long now = 0;
        for (int round = 0; round < Rounds; round++)
        {
            robot.Open();
            Tick();
            supervisor.TryArm(now);
            foreach (FailsafeAction action in Enum.GetValues<FailsafeAction>())
            {
                loop.Demanded = FailsafeAction.None;
                loop.Arm();
                policies.Offer(block);
                fallback.Offer(block);
                for (int i = 0; i < TicksPerRound; i++)
                {
                    loop.BeginEpisode();
                    robot.Disturb(i);
                    Tick();
                }

                loop.EndEpisode();
                Tick();
                loop.MoveToStart();
                Tick();
                Tick();
                loop.BeginEpisode();
                Tick();
                loop.Demanded = action;
                Tick();
                Tick();
                supervisor.Step(now);
                _ = supervisor.History.TryTake(out FailsafeEvent? change) ? change.Text : null;
            }

            block.UniformActions = !block.UniformActions;
            robot.Close();

            // Hot methods are compiled again in the background after 100 ms; let that happen before power is on.
            MonotonicClock.SleepUntil(MonotonicClock.NowNs + 150_000_000);
        }

        void Tick()
        {
            now += parts.Period.Ticks * TimeSpan.NanosecondsPerTick;
            loop.Tick(now);
            while (ring.TryPeek(out _))
            {
                ring.Release();
            }
        }
    }

    /// <summary>A robot of the same description that accepts everything and does nothing.</summary>
    private sealed class PaperRobot(RobotDescription description) : IRobot
    {
        private readonly double[] _state = new double[description.States.Length];
        private IoStatus _status = IoStatus.Ok;

        public RobotDescription Description => description;

        public DeviceState State { get; private set; }

        public string? FaultReason => null;

        public StopStatus Stop { get; private set; }

        public void Disturb(int step)
        {
            bool broken = step % 20 == 19;
            _status = broken ? IoStatus.NotFresh : IoStatus.Ok;
            for (int i = 0; i < _state.Length; i++)
            {
                StateInterface limits = description.States[i];
                double low = Math.Max(limits.Minimum, -1),
                    high = Math.Min(limits.Maximum, 1);
                _state[i] = step % 20 == 10 ? double.NaN : low + ((high - low) * (step % 7 / 6.0));
            }
        }

        public void Open() => State = DeviceState.Readable;

        public void PowerOn() => State = DeviceState.Powered;

        public void PowerOff() => State = DeviceState.Readable;

        public void Close() => State = DeviceState.Closed;

        public void ClearFault() => Stop = default;

        public ReadResult Read(Span<double> state)
        {
            _state.CopyTo(state);
            return new(_status, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        }

        public WriteResult Write(ReadOnlySpan<double> command) => new(IoStatus.Ok, TimeSpan.Zero);

        public void RequestStop(StopLevel level, string reason) => Stop = new(level, true, TimeSpan.Zero);

        public void Dispose() { }
    }
}
