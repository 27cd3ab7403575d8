using System.Diagnostics;
using System.Globalization;
using RobotRl.Hardware.Devices.Mcu;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hil.Pendulum;

/// <summary>
/// The emulated pendulum rig, a process of its own: the firmware in simavr, motor and arm on its clock. Its files lie in a
/// folder of their own that goes with it; it ends when this process does.
/// </summary>
public sealed class PendulumRig : IDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20),
        EndLimit = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly string _folder;

    private PendulumRig(Process process, string folder, RigControl control, bool traced)
    {
        (_process, _folder, Control) = (process, folder, control);
        (Port, TracePath) = (PortIn(folder), traced ? TraceIn(folder) : null);
    }

    /// <summary>The serial port.</summary>
    public string Port { get; }

    /// <summary>The trace; null where none was asked for.</summary>
    public string? TracePath { get; }

    /// <summary>Faults, and what the rig knows.</summary>
    public RigControl Control { get; }

    /// <summary>Options of the driver for this rig.</summary>
    public McuOptions McuOptions =>
        new()
        {
            Serial = new SerialOptions { Port = Port, BaudRate = 500_000 },
        };

    /// <summary>Starts one; its port can be opened when this returns.</summary>
    /// <exception cref="RigException">It is not built, or does not start.</exception>
    public static PendulumRig Start(RigOptions? options = null)
    {
        options ??= new();
        string folder = Directory.CreateTempSubdirectory("robotrl-rig-").FullName;
        var start = new ProcessStartInfo(RigFiles.Program) { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments = ["--firmware", RigFiles.Firmware, "--pty", PortIn(folder), "--control", ControlIn(folder), "--with-parent"];
        foreach (string argument in arguments.Concat(Words(options, folder)))
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start) ?? throw new RigException($"{start.FileName} did not start.");
        try
        {
            // Its ready line; its errors come on the other stream.
            Task<string?> line = process.StandardOutput.ReadLineAsync();
            bool ready = line.Wait(StartLimit) && line.Result is { } text && text.StartsWith("ready", StringComparison.Ordinal);
            if (!ready)
            {
                Kill(process);
                throw new RigException($"The rig did not start: {process.StandardError.ReadToEnd().Trim()}");
            }

            return new(process, folder, new RigControl(ControlIn(folder)), options.Trace);
        }
        catch
        {
            Kill(process);
            process.Dispose();
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>The trace up to now.</summary>
    /// <exception cref="RigException">None was asked for.</exception>
    public RigTrace ReadTrace()
    {
        Control.Status();
        return RigTrace.Read(TracePath ?? throw new RigException("This rig was started without a trace (RigOptions.Trace)."));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Control.Dispose();
        if (!_process.HasExited && Signals.Send(_process.Id, SigTerm) && !_process.WaitForExit(EndLimit))
        {
            Kill(_process);
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static IEnumerable<string> Words(RigOptions options, string folder) =>
        [
            "--seed",
            options.Seed.ToString(CultureInfo.InvariantCulture),
            .. options.Trace ? ["--trace", TraceIn(folder)] : Array.Empty<string>(),
            .. options.TracePlantEvery is { } every
                ? ["--trace-plant", every.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)]
                : Array.Empty<string>(),
            .. options.Unpaced ? ["--unpaced"] : Array.Empty<string>(),
        ];

    private static string PortIn(string folder) => Path.Combine(folder, "tty");

    private static string ControlIn(string folder) => Path.Combine(folder, "control");

    private static string TraceIn(string folder) => Path.Combine(folder, "trace.csv");

    private static void Kill(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }
    }
}
