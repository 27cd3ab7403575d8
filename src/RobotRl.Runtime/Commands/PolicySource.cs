using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Policies;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Commands;

/// <summary>A frozen policy that the command line names, by its file or by its run.</summary>
/// <param name="Path">Full path of the policy file.</param>
/// <param name="Run">The run it was named by; null where the file itself was named.</param>
/// <param name="File">Its content, checked.</param>
internal sealed record PolicySource(string Path, RunDirectory? Run, PolicyFile File)
{
    private const string PolicyExtension = ".safetensors";

    /// <summary>Which policy of its run it is, in a sentence; null where the file itself was named.</summary>
    public string? Choice
    {
        get
        {
            if (Run is null)
            {
                return null;
            }

            string version = string.Create(CultureInfo.InvariantCulture, $"of the run, version {File.Block.Version}");
            if (Path != Run.ChampionPath)
            {
                string other = System.IO.File.Exists(Run.ChampionPath)
                    ? " (without --policy newest: the champion)"
                    : "; the run has no champion yet";
                return $"Policy: the newest {version}{other}.";
            }

            string won = File.Manifest.Provenance.MeanReturn is { } mean
                ? string.Create(CultureInfo.InvariantCulture, $", whose episodes in training had a mean return of {mean:F1}")
                : "";
            return $"Policy: the champion {version}{won} (--policy newest takes the newest one).";
        }
    }

    /// <summary>The policy <paramref name="named"/>: of a run its champion, or, before there is one, the newest admitted.</summary>
    /// <param name="named">A run's directory, or a policy file.</param>
    /// <param name="which">Which one of a run, champion or newest; null for the champion where there is one, else the newest.</param>
    /// <exception cref="BadInputException">It is neither run nor policy, or the run has none yet.</exception>
    /// <exception cref="PolicyFileException">The file is damaged or no policy.</exception>
    /// <exception cref="RunException">The directory is no run.</exception>
    public static PolicySource Open(string named, string? which = null)
    {
        string path = System.IO.Path.GetFullPath(named);
        if (System.IO.File.Exists(path))
        {
            return which is null
                ? new PolicySource(path, null, PolicyFile.Load(path))
                : throw new BadInputException(
                    $"--policy {which}: {named} is a policy file, which is one policy. Leave --policy out, or name the run's directory."
                );
        }

        if (!Directory.Exists(path) && System.IO.Path.GetExtension(path) == PolicyExtension)
        {
            throw new BadInputException($"{named}: there is no such policy file. Name a policy file, or the directory of a run.");
        }

        RunDirectory run = RunDirectory.Open(named);
        bool champion = System.IO.File.Exists(run.ChampionPath);
        if (which == CommandLineParts.Champion && !champion)
        {
            throw new BadInputException(
                $"{named}: the run has no champion yet: its file is written with the first checkpoint after enough whole "
                    + $"episodes (Admission:Champion:Episodes). Leave --policy out for the newest policy."
            );
        }

        string policy = champion && which != CommandLineParts.Newest ? run.ChampionPath : run.PolicyPath;
        return System.IO.File.Exists(policy)
            ? Own(new PolicySource(policy, run, PolicyFile.Load(policy)), run)
            : throw new BadInputException(
                $"{named}: the run has no policy yet: one is written when it ends or is stopped. Stop it (robotrl stop), or "
                    + $"go on with it where it was killed (robotrl train --run DIR --resume)."
            );
    }

    private static PolicySource Own(PolicySource source, RunDirectory run) =>
        source.File.Manifest.Provenance.Run is { } from && run.FindId() is { } id && from != id.ToString()
            ? throw new BadInputException(
                $"{source.Path}: this policy was learned in run {from}; this is run {id}. Name the file itself to use it, or "
                    + $"move it out of this directory."
            )
            : source;

    /// <summary>
    /// The options that hold for it: <paramref name="file"/>, else those of its run, else the defaults with the robot, the task and the
    /// divisor that it was trained with; then the environment and the command line.
    /// </summary>
    public RobotRlOptions LoadOptions(string? file, IReadOnlyList<string> assignments, CommandContext context)
    {
        StoredOptions? own = file is null && Run is not null && System.IO.File.Exists(Run.OptionsPath) ? StoredOptions.Of(Run) : null;
        own?.Tell(context);
        string[] names =
            file is null && own is null
                ?
                [
                    $"Robot:Name={File.Manifest.Robot}",
                    $"Task:Name={File.Manifest.Task}",
                    $"Loop:PolicyDivisor={File.Manifest.PolicyDivisor}",
                ]
                : [];
        return new OptionSources(file ?? own?.File, [.. names, .. assignments], context.Environment) { Content = own?.Content }.Load();
    }

    /// <summary>
    /// Refuses a robot or task whose interfaces differ from those that the policy was trained with. Without <paramref name="ranges"/> those
    /// of the commands are left to the session, since hardware that is not open yet may have narrower ones.
    /// </summary>
    /// <exception cref="BadInputException">Every difference, each naming the field.</exception>
    public void CheckFits(RobotDescription robot, IControlTask task, RobotRlOptions options, bool ranges = true)
    {
        IReadOnlyList<string> differences = File.Manifest.CheckFits(
            robot,
            task,
            options.Loop.PeriodOn(robot),
            options.Loop.PolicyDivisor,
            ranges
        );
        if (differences.Count > 0)
        {
            throw new BadInputException(
                string.Join(Environment.NewLine, differences.Select(d => $"{Path}: the policy does not fit robot {robot.Name}: {d}"))
            );
        }
    }
}
