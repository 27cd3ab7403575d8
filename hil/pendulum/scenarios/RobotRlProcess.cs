using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using RobotRl.Runtime.Control;

namespace RobotRl.Hil.Pendulum;

/// <summary>
/// A whole <c>robotrl train</c> on a rig, as a process of its own: the saboteur's build of it, which fails on cue where it is told
/// to.
/// </summary>
public sealed partial class RobotRlProcess : IDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly string _folder;
    private readonly bool _ownsFolder;
    private readonly List<string> _lines = [];
    private readonly Lock _lock = new();

    private RobotRlProcess(Process process, string folder, bool ownsFolder)
    {
        (_process, _folder, _ownsFolder) = (process, folder, ownsFolder);
        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.ErrorDataReceived += (_, e) => Add(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The run's directory.</summary>
    public string RunDirectory => Path.Combine(_folder, "run");

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it has printed so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>
    /// Starts one that learns on <paramref name="rig"/>. It moves nothing before <see cref="TryArm"/>: the rig is hardware.
    /// </summary>
    /// <param name="rig">The rig.</param>
    /// <param name="sabotage">What fails and when, such as <c>nan@60</c>; null for nothing.</param>
    /// <param name="settings">Options beside robot, clock and run directory, each as <c>Section:Key=value</c>.</param>
    /// <param name="folder">Where its run is to lie; null for a new temporary folder that goes with it.</param>
    public static RobotRlProcess Start(PendulumRig rig, string? sabotage, IEnumerable<string> settings, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(rig);
        bool owns = folder is null;
        folder ??= Directory.CreateTempSubdirectory("robotrl-hil-").FullName;
        var start = new ProcessStartInfo(RigFiles.Saboteur)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        string[] all = ["Robot:Name=mcu", $"Robot:Mcu:Serial:Port={rig.Port}", "Task:Name=rig-swing-up", .. settings];
        foreach (
            string argument in new[] { "train", "--run", Path.Combine(folder, "run") }.Concat(all.SelectMany(s => new[] { "--set", s }))
        )
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["ROBOTRL_SABOTAGE"] = sabotage ?? "";
        return new(Process.Start(start) ?? throw new RigException($"{start.FileName} did not start."), folder, owns);
    }

    /// <summary>
    /// Arms it as an operator does: again and again until it is armed. Null then, or, where it ended or refused until
    /// <paramref name="limit"/>, its last answer.
    /// </summary>
    public string? TryArm(TimeSpan limit)
    {
        string last = "no answer";
        return Waiting.Until(() => HasExited || Arms(), limit) && !HasExited ? null : last;

        bool Arms()
        {
            try
            {
                ControlAnswer answer = Ask(ControlCommand.Arm);
                last = answer.Error ?? last;
                return answer.Ok;
            }
            catch (ControlException error)
            {
                // Its socket is not there yet, or no longer.
                last = error.Message;
                return false;
            }
        }
    }

    /// <summary>Whether the failsafe has stopped the robot, by the words of the log.</summary>
    public bool WasStopped => Lines.Any(l => StoppedLine().IsMatch(l));

    /// <summary>Ends it by <c>robotrl stop</c> where it still runs, and waits for its end; its exit code.</summary>
    /// <exception cref="RigException">It does not end.</exception>
    public int End()
    {
        try
        {
            if (!HasExited)
            {
                Ask(ControlCommand.Stop);
            }
        }
        catch (ControlException)
        {
            // It was ending already.
        }

        return WaitForExit();
    }

    /// <summary>Asks it over its control socket, as <c>robotrl stop</c>, <c>arm</c> and <c>status</c> do.</summary>
    public ControlAnswer Ask(ControlCommand command) =>
        ControlClient.AskAsync(RunDirectory, new ControlRequest(command, "scenario"), CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Stops the whole process from running (SIGSTOP).</summary>
    public void Freeze() => Signals.Send(_process.Id, Signals.Stop);

    /// <summary>Lets it run again (SIGCONT).</summary>
    public void Thaw() => Signals.Send(_process.Id, Signals.Continue);

    /// <summary>Waits for its end; its exit code.</summary>
    /// <exception cref="RigException">It does not end.</exception>
    public int WaitForExit()
    {
        if (!_process.WaitForExit(EndLimit))
        {
            throw new RigException(
                $"robotrl has not ended within {EndLimit.TotalSeconds} s. Its last words: {string.Join(" / ", Lines.TakeLast(3))}"
            );
        }

        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>
    /// When <paramref name="cause"/> crossed its threshold, by the failsafe's own words in the log, nanoseconds of the monotonic
    /// clock; null where it has not.
    /// </summary>
    public long? CrossedNs(string cause) =>
        Lines
            .Select(l => CrossedLine().Match(l))
            .Where(m => m.Success && m.Groups["cause"].Value == cause)
            .Select(m => (long?)long.Parse(m.Groups["ns"].Value, CultureInfo.InvariantCulture))
            .FirstOrDefault();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        if (_ownsFolder)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private void Add(string? line)
    {
        if (line is not null)
        {
            lock (_lock)
            {
                _lines.Add(line);
            }
        }
    }

    [GeneratedRegex(@"Failsafe (ControlledStop|PowerOff) by ")]
    private static partial Regex StoppedLine();

    [GeneratedRegex(@"Failsafe \w+ by (?<cause>\w+): .*crossed at (?<ns>\d+) ns")]
    private static partial Regex CrossedLine();
}
