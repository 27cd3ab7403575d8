using System.Globalization;
using RobotRl.Algorithms;
using RobotRl.Algorithms.Policies;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Evaluation;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Benchmarks.Devices;

/// <summary>
/// The task reach with the product's settings on a six-servo arm in lockstep: how many episodes end with every joint at its
/// target.
/// </summary>
/// <remarks>Arguments: seeds (3: one to three; 2-2: that one), steps (24000), settings (Key=value ...) over the product's.</remarks>
internal sealed class ReachBenchmark : IBenchmark
{
    private const int Episodes = 200;

    public string Name => "reach";

    public string Summary => "reach on a six-servo arm in lockstep: success rate of frozen policies over 200 poses [seeds steps settings]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        int[] range = [.. Argument(0, "3").Split('-').Select(s => int.Parse(s, CultureInfo.InvariantCulture))];
        (int first, int last) = range.Length > 1 ? (range[0], range[1]) : (1, range[0]);
        int steps = int.Parse(Argument(1, "24000"), CultureInfo.InvariantCulture);
        int[] marks = [.. Enumerable.Range(1, 8).Select(i => steps * i / 8)];
        log.WriteLine($"| seed | {string.Join(" | ", marks.Select(m => $"{m} steps"))} | mean return at the end | seconds |");
        log.WriteLine($"|---|{string.Concat(marks.Select(_ => "---|"))}---|---|");
        var ends = new List<double>();
        for (int seed = first; seed <= last; seed++)
        {
            TimeSpan start = Environment.CpuUsage.TotalTime;
            EvaluationResult[] results = Train((ulong)seed, marks, [.. arguments.Skip(2)]);
            ends.Add(results[^1].SuccessRate ?? 0);
            string rates = string.Join(" | ", results.Select(r => (r.SuccessRate ?? 0).ToString("0%", CultureInfo.InvariantCulture)));
            log.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {seed} | {rates} | {results[^1].Mean:F2} | {(Environment.CpuUsage.TotalTime - start).TotalSeconds:F0} |"
                )
            );
        }

        return new(Name, 100 * ends.Min(), "% of episodes that end at the target, worst seed", null, null, null, "90%", ends.Min() >= 0.9);

        string Argument(int index, string otherwise) => arguments.Count > index ? arguments[index] : otherwise;
    }

    private static EvaluationResult[] Train(ulong seed, int[] marks, string[] more)
    {
        // The servo bus alone has the product's settings for reach; its port is never opened.
        RobotRlOptions options = OptionsLoader.Load(
            null,
            [
                "Robot:Name=dynamixel-bus",
                "Robot:DynamixelBus:Serial:Port=/dev/null",
                .. ReachArmRobot.JointNames.Select((n, i) => $"Robot:DynamixelBus:Servos:{n}:Id={i + 1}"),
                "Task:Name=reach",
                "Task:Reach:Share=0.4",
                "Learner:Backend=managed",
                .. more,
            ],
            null
        );
        options.Loop.Clock = LoopClock.Lockstep;
        var safety = new SafetyOptions();
        foreach (string joint in ReachArmRobot.JointNames)
        {
            safety.Joints[$"{joint}/position"] = new JointLimits
            {
                MinPosition = -1.5,
                MaxPosition = 1.5,
                MaxCommandRate = 1.5,
                MaxAcceleration = 20,
                MaxVelocity = 4,
            };
        }

        using var robot = new ReachArmRobot();
        var task = new ReachTask(robot.Description, options.Task.Reach);
        using ILearner learner = LearnerFactory.Create(options.Learner, task.ObservationNames.Length, task.Actions, seed);
        using var parts = new RunParts(
            robot,
            task,
            learner,
            learner.Policy,
            new RunSettings(options.Loop, safety, options.Failsafe, options.Learner, options.Admission, seed),
            null,
            null
        );
        var loop = new LockstepLoop(parts);
        if (loop.Start() is { } refusal)
        {
            throw new InvalidOperationException(refusal);
        }

        var results = new EvaluationResult[marks.Length];
        var block = new PolicyBlock(learner.Policy);
        for (int mark = 0; mark < marks.Length; )
        {
            if (loop.Step() >= FailsafeAction.ControlledStop)
            {
                throw new InvalidOperationException($"The failsafe stopped the arm: {parts.Supervisor.Cause}.");
            }

            if (parts.Loop.Status.Steps == marks[mark])
            {
                learner.CopyPolicy(block);
                using var other = new ReachArmRobot();
                results[mark++] = PolicyEvaluator.Evaluate(
                    other,
                    new ReachTask(other.Description, options.Task.Reach),
                    safety,
                    block,
                    Episodes,
                    options.Loop.PolicyDivisor
                );
            }
        }

        return results;
    }
}
