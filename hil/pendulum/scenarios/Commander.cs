using System.Diagnostics;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.Mcu;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hil.Pendulum;

/// <summary>A process that powers a rig and commands it at its control rate until it is killed: what a stop is measured on.</summary>
public sealed class Commander : IDisposable
{
    private const string Verb = "command",
        Shared = "shared",
        Ready = "powered";
    private const double Volts = 1.2;
    private const int TicksPerSide = 10,
        ControlPriority = 80;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private Commander(Process process) => _process = process;

    /// <summary>Starts one and waits until the motor is driven.</summary>
    /// <param name="port">The rig's port.</param>
    /// <param name="shared">Whether it leaves the port open to others, which agree not to disturb it.</param>
    /// <exception cref="RigException">It could not power the rig; the message has its own words.</exception>
    public static Commander Start(string port, bool shared = false)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "RobotRl.Hil.Pendulum.dll");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[] { "exec", program, Verb, port }.Concat(shared ? [Shared] : []))
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start) ?? throw new RigException("The .NET host did not start.");
        Task<string?> line = process.StandardOutput.ReadLineAsync();
        if (!line.Wait(StartLimit) || line.Result != Ready)
        {
            var commander = new Commander(process);
            commander.Kill();
            string words = process.StandardError.ReadToEnd().Trim();
            commander.Dispose();
            throw new RigException($"The commanding process could not power the rig: {words}");
        }

        return new(process);
    }

    /// <summary>SIGKILL; does not wait for its end.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            Signals.Send(_process.Id, Signals.Kill);
        }
    }

    /// <summary>SIGSTOP.</summary>
    public void Freeze() => Signals.Send(_process.Id, Signals.Stop);

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>What the process does; it returns only where it cannot.</summary>
    internal static int Run(string port, bool shared, TextWriter output, TextWriter error)
    {
        var options = new McuOptions();
        try
        {
            var device = new McuDevice(
                options,
                new TermiosTransport(port, options.Serial.BaudRate, exclusive: !shared),
                TimeProvider.System
            );
            using var robot = new DeviceDriver(device, options.Driver, TimeProvider.System);
            robot.Open();
            if (robot.State == DeviceState.Faulted)
            {
                robot.ClearFault();
            }

            robot.PowerOn();

            // As a control thread; where it is not permitted a busy machine may make it late.
            _ = RealTimeScheduling.TryUseFifo(ControlPriority);
            long period = options.ControlPeriod.Ticks * TimeSpan.NanosecondsPerTick,
                next = MonotonicClock.NowNs;
            for (int tick = 0; ; tick++)
            {
                // Never zero: whenever the motor stands still, it is the stop.
                WriteResult written = robot.Write([tick / TicksPerSide % 2 == 0 ? Volts : -Volts]);
                if (written.Status != IoStatus.Ok)
                {
                    error.WriteLine(robot.FaultReason ?? $"A command was not taken: {written.Status}.");
                    return 1;
                }

                if (tick == TicksPerSide)
                {
                    output.WriteLine(Ready);
                    output.Flush();
                }

                next += period;
                MonotonicClock.SleepUntil(next);
            }
        }
        catch (RobotException problem)
        {
            error.WriteLine(problem.Message);
            return 1;
        }
    }

    internal static bool IsAsked(string[] arguments) => arguments is [Verb, _] or [Verb, _, Shared];
}
