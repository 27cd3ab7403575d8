using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using RobotRl.Benchmarks.Loops;
using RobotRl.Hardware.Devices.Mcu;
using RobotRl.Hil.Pendulum;

namespace RobotRl.Benchmarks.Rig;

/// <summary>The learner fails in every way while the rig moves: the loop must not notice, and the last admitted policy go on.</summary>
internal sealed partial class LearnerFaultsBenchmark : IBenchmark
{
    private const int Priority = 80,
        StrikesAt = 100,
        StepsAfter = 500,
        LearningStarts = 100;
    private static readonly string[] s_faults = ["learner-throws", "learner-blocks", "learner-diverges", "disk-full"];
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public string Name => "learner-faults";

    public string Summary =>
        "missed ticks while the learner throws, blocks, diverges or the disk is full, beside a bare timer loop [faults, default all four]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        log.WriteLine("| fault | ticks | missed | bare timer missed | commands accepted after the fault | ended |");
        log.WriteLine("|---|---|---|---|---|---|");
        (long Missed, long Bare, bool WentOn)[] results = [.. (arguments.Count > 0 ? arguments : s_faults).Select(f => Measure(f, log))];
        long missed = results.Sum(r => r.Missed),
            bare = results.Sum(r => r.Bare);
        return new BenchmarkResult(
            Name,
            missed,
            "missed ticks",
            "bare timer loop",
            bare,
            null,
            "no more missed ticks than a bare timer loop in the same run; the last admitted policy goes on",
            missed <= bare && results.All(r => r.WentOn)
        );
    }

    private static (long Missed, long Bare, bool WentOn) Measure(string fault, TextWriter log)
    {
        string folder = Directory.CreateTempSubdirectory("robotrl-faults-").FullName;
        try
        {
            return Measure(fault, folder, log);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (long Missed, long Bare, bool WentOn) Measure(string fault, string folder, TextWriter log)
    {
        bool disk = fault == "disk-full";
        using var small = disk ? new SmallDisk(folder) : null;
        using PendulumRig rig = PendulumRig.Start();
        string[] settings =
        [
            $"Run:Steps={LearningStarts + StrikesAt + StepsAfter}",
            $"Learner:Sac:LearningStarts={LearningStarts}",
            "Task:Reset=None",
            "Failsafe:LearnerStalled:Threshold=00:00:02",
            "Checkpoint:Every=00:00:02",
        ];
        using RobotRlProcess robotrl = RobotRlProcess.Start(rig, disk ? null : $"{fault}@{StrikesAt}", settings, folder);
        if (robotrl.TryArm(Limit) is { } refusal)
        {
            throw new RigException($"{fault}: the run was not armed: {refusal}");
        }

        using var bare = new BareTimer(new McuOptions().ControlPeriod, Priority);
        long before = 0;
        bool struck = Waiting.Until(
            () =>
                robotrl.HasExited
                || robotrl.WasStopped
                || (
                    disk
                        ? rig.Control.Status().Commands > 2 * StrikesAt
                        : robotrl.Lines.Any(l => l.StartsWith("SABOTAGE", StringComparison.Ordinal))
                ),
            Limit
        );
        if (struck && !robotrl.HasExited)
        {
            small?.Fill();
            before = rig.Control.Status().Commands;
        }

        _ = Waiting.Until(() => robotrl.HasExited || robotrl.WasStopped, Limit);
        int exit = robotrl.End();
        long after = rig.Control.Status().Commands - before;
        Match loop = robotrl.Lines.Select(l => LoopLine().Match(l)).LastOrDefault(m => m.Success)
            ?? throw new RigException(
                $"{fault}: the run did not report its loop. Its last words: {string.Join(" / ", robotrl.Lines.TakeLast(12))}"
            );
        long missed = long.Parse(loop.Groups["missed"].Value, CultureInfo.InvariantCulture);
        bool wentOn = before > 0 && after >= StepsAfter / 2 && exit == 0;
        string? reason = robotrl.Lines.LastOrDefault(l => l.StartsWith("Stopped", StringComparison.Ordinal));
        string ended = exit == 0 ? "at its last step" : $"with exit code {exit}: {reason}";
        log.WriteLine($"| {fault} | {loop.Groups["ticks"].Value} | {missed} | {bare.Missed} | {after} | {ended} |");
        return (missed, bare.Missed, wentOn);
    }

    /// <summary>A disk of 8 MiB in memory, for the run directory.</summary>
    private sealed class SmallDisk : IDisposable
    {
        private readonly string _path;

        public SmallDisk(string path)
        {
            _path = path;
            Call("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", path);
        }

        public void Fill()
        {
            using FileStream file = File.Create(Path.Combine(_path, "filler"));
            byte[] block = new byte[4096];
            try
            {
                while (true)
                {
                    file.Write(block);
                    file.Flush();
                }
            }
            catch (IOException)
            {
                // Full: what was wanted.
            }
        }

        public void Dispose() => Call("umount", "-l", _path);

        private static void Call(string program, params string[] arguments)
        {
            using Process process = Process.Start(program, arguments);
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new RigException(
                    $"{program} {string.Join(' ', arguments)} failed: disk-full needs the right to mount a tmpfs (run as root)."
                );
            }
        }
    }

    [GeneratedRegex(@"^Loop: (?<ticks>\d+) ticks, (?<missed>\d+) missed")]
    private static partial Regex LoopLine();
}
