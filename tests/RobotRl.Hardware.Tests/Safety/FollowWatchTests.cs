using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;

namespace RobotRl.Hardware.Tests.Safety;

/// <summary>What counts as not following, as a table: what is commanded, what the joint does, under which load.</summary>
public sealed class FollowWatchTests
{
    private const double Period = 0.01;

    public enum Does
    {
        /// <summary>A proportional loop with a gain of 20/s: 50 ms behind.</summary>
        Follows,

        /// <summary>It follows by at most 3 rad/s, the speed that the device promises.</summary>
        FollowsAtItsSpeed,

        /// <summary>It follows by at most 0.05 rad/s: a profile slows it.</summary>
        Crawls,

        /// <summary>It follows up to 0.2 rad: a limit kept in the servo.</summary>
        StopsAtALimit,

        /// <summary>It stays where it is.</summary>
        Stays,

        /// <summary>It falls to -1 rad, whatever is commanded.</summary>
        Falls,
    }

    public enum Commands
    {
        /// <summary>To 1 rad at once.</summary>
        Step,

        /// <summary>A sine of 0.8 rad and 1 Hz: 5 rad/s.</summary>
        FastSine,

        /// <summary>A sine of 0.8 rad and 0.5 Hz.</summary>
        Sine,

        /// <summary>Up to 1 rad at 1.5 rad/s, as the gate lets it through.</summary>
        Ramp,

        /// <summary>A new goal of -0.8 to 0.8 rad every half second, let through at 1.5 rad/s.</summary>
        Random,

        /// <summary>0 rad.</summary>
        Hold,
    }

    [Theory]
    [InlineData(Commands.Step, Does.Follows, 0.1, false, false)]
    [InlineData(Commands.Step, Does.Follows, double.NaN, false, false)]
    [InlineData(Commands.FastSine, Does.Follows, 0.1, false, false)]
    [InlineData(Commands.FastSine, Does.FollowsAtItsSpeed, 0.1, false, false)]
    [InlineData(Commands.Step, Does.FollowsAtItsSpeed, 0.1, false, false)]
    [InlineData(Commands.Ramp, Does.Follows, 0.1, false, false)]
    [InlineData(Commands.Random, Does.Follows, 0.1, false, false)]
    [InlineData(Commands.Hold, Does.Stays, 0, false, false)]
    [InlineData(Commands.Step, Does.Stays, 0, true, false)]
    [InlineData(Commands.Step, Does.Stays, double.NaN, true, false)]
    [InlineData(Commands.Step, Does.Stays, 0.29, true, false)]
    [InlineData(Commands.Step, Does.Stays, 0.31, false, true)]
    [InlineData(Commands.Step, Does.Stays, -1, false, true)]
    [InlineData(Commands.Ramp, Does.StopsAtALimit, 0.02, true, false)]
    [InlineData(Commands.Sine, Does.StopsAtALimit, 0.02, true, false)]
    [InlineData(Commands.FastSine, Does.Stays, 0, true, false)]
    [InlineData(Commands.Random, Does.Stays, 0, true, false)]
    [InlineData(Commands.Ramp, Does.Crawls, 0.05, true, false)]
    [InlineData(Commands.Hold, Does.Falls, 0, true, false)]
    public void Look_PositionCommands_TellsCutFromBlocked(Commands commands, Does does, double load, bool cut, bool blocked)
    {
        (FollowWatch watch, bool wasCut, bool wasBlocked) = Run(
            Robot(InterfaceKind.Position, double.IsNaN(load) ? null : 1, maxSpeed: 3),
            new SafetyOptions(),
            commands,
            does,
            load,
            seconds: 20
        );
        Assert.Equal((cut, blocked), (wasCut, wasBlocked));
        Assert.Equal(blocked ? 1 : 0, watch.BlockedCount);
    }

    [Theory]
    [InlineData(1, 1, 0, false)]
    [InlineData(1, 0.8, 0, false)]
    [InlineData(1, 0, 0, true)]
    [InlineData(1, 0, 0.9, false)]
    [InlineData(0, 0.5, 0, true)]
    [InlineData(1, -1, 0, true)]
    [InlineData(0.1, 0, 0, false)]
    public void Look_VelocityCommands_AreJudgedByVelocity(double commanded, double measured, double load, bool cut)
    {
        var watch = new FollowWatch(Robot(InterfaceKind.Velocity, 1), new SafetyOptions(), TimeSpan.FromSeconds(Period));
        watch.Restart([0, 0, 0]);
        for (int i = 0; i < 300; i++)
        {
            watch.Take([commanded], accepted: true);
            watch.Look([measured * i * Period, measured, load]);
        }

        Assert.Equal(cut, watch.IsCut);
    }

    [Fact]
    public void Look_SlowVelocityJoint_MustMoveAtAll()
    {
        // Of a joint that may do 0.2 rad/s, 0.24 rad/s of tolerance would hide everything.
        var options = new SafetyOptions { Joints = { ["joint/velocity"] = new() { MaxVelocity = 0.2 } } };
        var watch = new FollowWatch(Robot(InterfaceKind.Velocity, 1), options, TimeSpan.FromSeconds(Period));
        watch.Restart([0, 0, 0]);
        for (int i = 0; i < 200; i++)
        {
            watch.Take([0.2], accepted: true);
            watch.Look([0, 0, 0]);
        }

        Assert.True(watch.IsCut);
        Assert.StartsWith(
            "joint/velocity is commanded 0.2 rad/s, measured 0 rad/s (allowed 0.1 rad/s for 1 s), load 0 of full",
            Assert.Single(watch.Cut()),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(1.0, 0)]
    [InlineData(0.3, 0)]
    [InlineData(3.0, 0.5)]
    public void Look_NotFollowing_IsCutAfterItsTime_NotBefore(double time, double tolerance)
    {
        var limits = new JointLimits { FollowTime = TimeSpan.FromSeconds(time), FollowTolerance = tolerance > 0 ? tolerance : null };
        var watch = new FollowWatch(
            Robot(InterfaceKind.Position, 1),
            new SafetyOptions { Joints = { ["joint/position"] = limits } },
            TimeSpan.FromSeconds(Period)
        );
        watch.Restart([0, 0, 0]);
        int ticks = 0;
        while (!watch.IsCut)
        {
            watch.Take([1], accepted: true);
            watch.Look([0, 0, 0]);
            Assert.True(++ticks < 1000, "it is never cut");
        }

        // The response that every joint has, and its time.
        Assert.InRange(ticks * Period, time + 0.19, time + 0.26);
        Assert.Equal(
            string.Create(
                CultureInfo.InvariantCulture,
                $"joint/position is commanded 1 rad, measured 0 rad (allowed {(tolerance > 0 ? tolerance : 0.15)} rad for "
                    + $"{time} s), load 0 of full"
            ),
            Assert.Single(watch.Cut())
        );
    }

    [Fact]
    public void Look_ProfileAccelerationOfTheDevice_IsAllowedFor()
    {
        RobotDescription slow = Robot(InterfaceKind.Position, 1, maxSpeed: 3, maxAcceleration: 0.5);
        var watch = new FollowWatch(slow, new SafetyOptions(), TimeSpan.FromSeconds(Period));
        watch.Restart([0, 0, 0]);
        double position = 0,
            speed = 0;
        for (int i = 0; i < 600; i++)
        {
            watch.Take([2], accepted: true);
            double wanted = Math.Min(3, Braking.Speed(2 - position, 0.5, Period));
            speed += Math.Clamp(wanted - speed, -0.5 * Period, 0.5 * Period);
            position += speed * Period;
            watch.Look([position, speed, 0.05]);
            Assert.False(watch.IsSuspect, $"at {i} ticks, {position} rad");
        }

        Assert.Equal(2, position, 0.01);
    }

    [Fact]
    public void Restart_AtEveryEpisode_DoesNotHideACutJoint()
    {
        var watch = new FollowWatch(Robot(InterfaceKind.Position, 1), new SafetyOptions(), TimeSpan.FromSeconds(Period));
        watch.Restart([0, 0, 0]);
        for (int i = 0; i < 500 && !watch.IsCut; i++)
        {
            if (i % 50 == 0)
            {
                // An episode of half a second begins where the joint is.
                watch.Restart([0, 0, 0]);
            }

            watch.Take([1], accepted: true);
            watch.Look([0, 0, 0]);
        }

        Assert.True(watch.IsCut);
    }

    [Fact]
    public void Forget_Armed_CountsAnew_AndWhatWasRefusedIsNotExpected()
    {
        (FollowWatch watch, bool cut, _) = Run(
            Robot(InterfaceKind.Position, 1),
            new SafetyOptions(),
            Commands.Step,
            Does.Stays,
            0,
            seconds: 3
        );
        Assert.True(cut && watch.IsCut && watch.IsSuspect);
        watch.Forget();
        Assert.False(watch.IsCut);
        Assert.Empty(watch.Cut());
        watch.Restart([0, 0, 0]);
        Assert.False(watch.IsSuspect);
        for (int i = 0; i < 300; i++)
        {
            watch.Take([1], accepted: false);
            watch.Look([0, 0, 0]);
        }

        Assert.False(watch.IsSuspect);
    }

    [Fact]
    public void Look_FollowsAgain_ClearsOnceItHasProvedIt()
    {
        (FollowWatch watch, _, _) = Run(Robot(InterfaceKind.Position, 1), new SafetyOptions(), Commands.Step, Does.Stays, 0, seconds: 10);
        int ticks = 0;
        for (; watch.IsCut; ticks++)
        {
            Assert.True(ticks < 500);
            watch.Take([1], accepted: true);
            watch.Look([1, 0, 0]);
        }

        Assert.InRange(ticks * Period, 3.9, 4.2);
        Assert.False(watch.IsSuspect);
    }

    [Fact]
    public void EffortCommands_AreNotWatched_AndSaidSo()
    {
        var watch = new FollowWatch(Robot(InterfaceKind.Effort, 1), new SafetyOptions(), TimeSpan.FromSeconds(Period));
        Assert.Equal(["joint/effort"], watch.Unwatched);
        Assert.Empty(watch.Watched);
        Assert.Equal(0, watch.StateSize);
        watch.Restart([0, 0, 0]);
        watch.Take([1], accepted: true);
        watch.Look([0, 0, 0]);
        Assert.False(watch.IsCut || watch.IsSuspect);
    }

    [Fact]
    public void CopyState_RestoreState_GoesOnTheSame()
    {
        RobotDescription robot = Robot(InterfaceKind.Position, 1, maxSpeed: 2, maxAcceleration: 9);
        var whole = new FollowWatch(robot, new SafetyOptions(), TimeSpan.FromSeconds(Period));
        var rest = new FollowWatch(robot, new SafetyOptions(), TimeSpan.FromSeconds(Period));
        whole.Restart([0, 0, 0]);
        double[] state = new double[whole.StateSize],
            other = new double[whole.StateSize];
        for (int i = 0; i < 400; i++)
        {
            if (i == 90)
            {
                whole.CopyState(state);
                rest.RestoreState(state);
            }

            foreach (FollowWatch watch in i < 90 ? [whole] : (FollowWatch[])[whole, rest])
            {
                watch.Take([Math.Sin(0.05 * i)], accepted: true);
                watch.Look([0.1, 0, i % 7 * 0.05]);
            }
        }

        whole.CopyState(state);
        rest.CopyState(other);
        Assert.Equal(state, other);
        Assert.True(state[2] > 0);
    }

    [Fact]
    public void Take_Look_AllocateNothing()
    {
        var watch = new FollowWatch(Robot(InterfaceKind.Position, 1), new SafetyOptions(), TimeSpan.FromSeconds(Period));
        double[] state = [0, 0, 0],
            command = [1];
        bool cut = false;
        for (int i = 0; i < 3; i++)
        {
            Round();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 300; i++)
        {
            Round();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(cut);

        void Round()
        {
            watch.Take(command, accepted: true);
            watch.Look(state);
            cut |= watch.IsCut && watch.IsSuspect && watch.BlockedCount == 0;
        }
    }

    [Theory]
    [InlineData(0, 1, "Safety:Joints:joint/position:FollowTolerance is 0; allowed: finite and above 0.")]
    [InlineData(
        0.1,
        0,
        "Safety:Joints:joint/position:FollowTime is 00:00:00; allowed: above 00:00:00, up to 00:01:00. Set about 00:00:01."
    )]
    [InlineData(0.1, 61, "Safety:Joints:joint/position:FollowTime is 00:01:01; allowed: above 00:00:00, up to 00:01:00.")]
    public void Validate_BadTolerance_IsRefused(double tolerance, double seconds, string problem)
    {
        var options = new SafetyOptions
        {
            Joints =
            {
                ["joint/position"] = new() { FollowTolerance = tolerance, FollowTime = TimeSpan.FromSeconds(seconds) },
            },
        };
        Assert.StartsWith(problem, Assert.Single(options.Validate("Safety", Robot(InterfaceKind.Position, 1))), StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_ToleranceOfAnEffort_IsRefused()
    {
        var options = new SafetyOptions { Joints = { ["joint/effort"] = new() { FollowTolerance = 1 } } };
        Assert.Contains(
            "is not watched for being followed",
            Assert.Single(options.Validate("Safety", Robot(InterfaceKind.Effort, 1))),
            StringComparison.Ordinal
        );
    }

    private static (FollowWatch Watch, bool Cut, bool Blocked) Run(
        RobotDescription robot,
        SafetyOptions options,
        Commands commands,
        Does does,
        double load,
        double seconds
    )
    {
        var watch = new FollowWatch(robot, options, TimeSpan.FromSeconds(Period));
        watch.Restart([0, 0, 0]);
        var random = new Random(3);
        double position = 0,
            command = 0,
            goal = 0;
        bool cut = false,
            blocked = false;
        for (int i = 0; i * Period < seconds; i++)
        {
            double now = i * Period;
            goal = i % 50 == 0 ? (1.6 * random.NextDouble()) - 0.8 : goal;
            command = commands switch
            {
                Commands.Step => 1,
                Commands.FastSine => 0.8 * Math.Sin(2 * Math.PI * now),
                Commands.Sine => 0.8 * Math.Sin(Math.PI * now),
                Commands.Ramp => Math.Min(1, 1.5 * now),
                Commands.Random => command + Math.Clamp(goal - command, -1.5 * Period, 1.5 * Period),
                _ => 0,
            };
            watch.Take([command], accepted: true);
            double way = 20 * (command - position) * Period;
            position = does switch
            {
                Does.Follows => position + way,
                Does.FollowsAtItsSpeed => position + Math.Clamp(way, -3 * Period, 3 * Period),
                Does.Crawls => position + Math.Clamp(way, -0.05 * Period, 0.05 * Period),
                Does.StopsAtALimit => Math.Min(0.2, position + way),
                Does.Falls => Math.Max(-1, position - (2 * Period)),
                _ => position,
            };
            watch.Look([position, 0, double.IsNaN(load) ? 0 : load]);
            cut |= watch.IsCut;
            blocked |= watch.BlockedCount > 0;
        }

        return (watch, cut, blocked);
    }

    private static RobotDescription Robot(InterfaceKind kind, double? fullLoad, double? maxSpeed = null, double? maxAcceleration = null)
    {
        const double Infinity = double.PositiveInfinity;
        string quantity = kind.ToString().ToLowerInvariant(),
            unit = kind switch
            {
                InterfaceKind.Position => "rad",
                InterfaceKind.Velocity => "rad/s",
                _ => "N m",
            };
        return new(
            "arm",
            [
                new("joint/position", InterfaceKind.Position, "rad", -Infinity, Infinity),
                new("joint/velocity", InterfaceKind.Velocity, "rad/s", -Infinity, Infinity),
                new("joint/load", InterfaceKind.Effort, "1", -1, 1),
            ],
            [
                new($"joint/{quantity}", kind, unit, -2, 2, 0)
                {
                    PositionState = "joint/position",
                    VelocityState = "joint/velocity",
                    LoadState = fullLoad is null ? null : "joint/load",
                    FullLoad = fullLoad,
                    MaxSpeed = maxSpeed,
                    MaxAcceleration = maxAcceleration,
                },
            ],
            TimeSpan.FromSeconds(Period)
        );
    }
}
