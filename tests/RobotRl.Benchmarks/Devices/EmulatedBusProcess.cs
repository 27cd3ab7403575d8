using System.Diagnostics;
using RobotRl.Hardware.Timing;

namespace RobotRl.Benchmarks.Devices;

/// <summary>
/// <c>robotrl emulate dynamixel</c> as a process of its own. It stands for hardware, which no scheduler keeps waiting: where
/// permitted it runs at SCHED_FIFO priority 60, below driver (70) and control thread (80).
/// </summary>
internal sealed class EmulatedBusProcess : IDisposable
{
    private const long PollNs = 20_000_000;

    private readonly Process _process;

    public EmulatedBusProcess(int servos, IEnumerable<string> faults)
    {
        Port = Path.Combine(Path.GetTempPath(), $"robotrl-bus-{Guid.NewGuid():N}");
        string program = Path.Combine(AppContext.BaseDirectory, "robotrl");
        string[] arguments =
        [
            "emulate",
            "dynamixel",
            "--servos",
            $"{servos}",
            "--link",
            Port,
            .. faults.SelectMany(f => new[] { "--fault", f }),
        ];
        bool fifo = CanUseFifo();
        string[] line = fifo ? ["chrt", "--fifo", "60", program, .. arguments] : [program, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException("The emulator does not start.");
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        long end = MonotonicClock.NowNs + (20 * 1_000_000_000L);
        while (!File.Exists(Port))
        {
            if (_process.HasExited || MonotonicClock.NowNs > end)
            {
                throw new InvalidOperationException("The emulator has not opened its port.");
            }

            MonotonicClock.SleepUntil(MonotonicClock.NowNs + PollNs);
        }
    }

    /// <summary>Where it listens.</summary>
    public string Port { get; }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(Port);
    }

    private static bool CanUseFifo()
    {
        try
        {
            using Process? probe = Process.Start(new ProcessStartInfo("chrt", ["--fifo", "60", "true"]) { RedirectStandardError = true });
            probe?.WaitForExit();
            return probe?.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
