using System.Collections;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Commands;

/// <summary>
/// Turns options into a plan: resolves names, checks what needs the robot's description, chooses the run directory. Touches
/// nothing.
/// </summary>
internal sealed class RunPlanner(CommandContext context)
{
    /// <summary>
    /// Refuses to go on with the run in <paramref name="directory"/> by another algorithm than its own: said here it is one
    /// message, not one
    /// for each option of the run's algorithm.
    /// </summary>
    /// <exception cref="BadInputException">Environment or command line name another one.</exception>
    public static void RequireAlgorithm(string directory, StoredOptions options, IEnumerable<string> assignments, IDictionary environment)
    {
        const string key = "Learner:Algorithm";
        string own = SettingsFile.Parse(options.Content, options.File, []).LastOrDefault(s => s.Path == key)?.Text
            ?? new LearnerOptions().Algorithm;
        if (OptionsLoader.Asked(key, assignments, environment) is { } asked && asked != own)
        {
            throw new BadInputException(
                $"{directory}: this run was made with {own}, and {key} is \"{asked}\". Leave it out to go on with {own}, or "
                    + $"start a new run."
            );
        }
    }

    /// <summary>Plans to learn.</summary>
    /// <exception cref="OptionsException">An unknown robot or task, and every problem that the robot's description brings to
    /// light.</exception>
    /// <exception cref="BadInputException">A run directory that does not fit.</exception>
    public SessionPlan Train(RobotRlOptions options, bool resume)
    {
        IControlTask task = Resolve(options, learns: true);
        bool hardware = RequireLimits(options);
        string? directory = resume ? Existing(options) : Fresh(options);
        return new SessionPlan(options, () => context.Robots.Create(options.Robot), task, directory, resume, Policy: null)
        {
            IsHardware = hardware,
            CreateTask = hardware ? null : () => Resolve(options, learns: true),
            TaskFor = TaskFor(options, learns: true),
        };
    }

    /// <summary>Hardware whose motion nobody has limited; null where all is limited, or it is a simulator.</summary>
    public string? Unlimited(RobotRlOptions options) => Limits(options).Problem;

    /// <summary>Refuses hardware whose motion nobody has limited. Returns whether it is hardware.</summary>
    /// <exception cref="OptionsException">It is, without limits.</exception>
    public bool RequireLimits(RobotRlOptions options)
    {
        (bool hardware, string? problem) = Limits(options);
        return problem is null ? hardware : throw new OptionsException([problem]);
    }

    private (bool Hardware, string? Problem) Limits(RobotRlOptions options)
    {
        using IRobot robot = context.Robots.Create(options.Robot);
        bool hardware = !robot.Description.IsSimulated;
        return (hardware, hardware ? options.Safety.Unlimited("Safety", robot.Description) : null);
    }

    /// <summary>Checks task and options once more, against the robot as it describes itself when it is open.</summary>
    public Func<RobotDescription, IControlTask> TaskFor(RobotRlOptions options, bool learns) =>
        robot => Resolve(options, robot, learns, []);

    /// <summary>Checks robot and task, and the options against them; the learner too where it <paramref name="learns"/>.</summary>
    /// <exception cref="OptionsException">Every problem there is.</exception>
    public IControlTask Resolve(RobotRlOptions options, bool learns)
    {
        var problems = new List<string>();
        RobotDescription? robot = null;
        try
        {
            using IRobot made = context.Robots.Create(options.Robot);
            robot = made.Description;
        }
        catch (BadInputException e)
        {
            problems.Add(e.Message);
        }

        return Resolve(options, robot, learns, problems);
    }

    private IControlTask Resolve(RobotRlOptions options, RobotDescription? robot, bool learns, List<string> problems)
    {
        if (robot is not null)
        {
            problems.AddRange(options.Validate(robot));
        }

        IControlTask? task = null;
        try
        {
            string name = context.Tasks.NameFor(options.Task.Name, options.Robot.Name);
            context.Tasks.Require(name);
            task = robot is null
                ? null
                : context.Tasks.Create(name, robot with { ControlPeriod = options.Loop.PeriodOn(robot) }, options.Task);
        }
        catch (BadInputException e) when (options.Task.Name is not null || context.Robots.Names.Contains(options.Robot.Name))
        {
            problems.Add(e.Message);
        }
        catch (BadInputException)
        {
            // The robot is unknown too, and its name stood for the task's: one message is enough.
        }

        if (learns && task is not null && LearnerFactory.Mismatch(options.Learner, task.Actions) is { } mismatch)
        {
            problems.Add(mismatch);
        }

        if (learns && task is not null && LearnerFactory.LongReturn(options.Learner, task.MaxEpisodeSteps) is { } tooLong)
        {
            problems.Add(tooLong);
        }

        if (learns && problems.Count == 0)
        {
            problems.AddRange(LearnerMemory.Check(options.Learner, task!.ObservationNames.Length, task.Actions, LearnerMemory.Available));
        }

        return problems.Count == 0 ? task! : throw new OptionsException(problems);
    }

    private static string Existing(RobotRlOptions options)
    {
        string directory = options.Run.Directory ?? throw new BadInputException("--resume goes on with a run: say which with --run DIR.");
        return RunDirectory.Open(directory, write: true).Path;
    }

    private static string? Fresh(RobotRlOptions options)
    {
        if (options.Run.Directory is { } directory)
        {
            if (File.Exists(directory) || (Directory.Exists(directory) && !RunDirectory.NeverBegan(directory)))
            {
                throw new BadInputException(
                    $"{directory}: is not empty. Add --resume to go on with the run there, or name another directory."
                );
            }

            return Path.GetFullPath(directory);
        }

        return null;
    }
}
