using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.FeetechBus.Guardian;

/// <summary>The runtime's side of its guardian: starts it, gives signs of life, and hears that they are heard.</summary>
internal sealed class GuardianProcess(FeetechBusOptions options) : IFeetechGuardian
{
    // A .NET program on a busy single-board computer takes this long at most.
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(15),
        EndLimit = TimeSpan.FromSeconds(1);

    private readonly byte[] _sign = new byte[1 + new CheckedPositions(options.Servos.Count).Size];
    private Process? _process;
    private SafeHandle? _input,
        _output;
    private long _heardNs;

    /// <summary>Process id while it watches; 0 else. For tests.</summary>
    public int ProcessId => _process is { HasExited: false } process ? process.Id : 0;

    public void AwaitBus() => BusLock.Take(options.Serial.Port).Dispose();

    public void Start(double speed, IReadOnlyList<int> torqueLimits)
    {
        if (_process is not null)
        {
            return;
        }

        var settings = new GuardianSettings(
            options.Serial.Port,
            options.Serial.BaudRate,
            Ids(FeetechCommandMode.Position),
            Ids(FeetechCommandMode.Velocity),
            options.Guardian.HeartbeatTimeout,
            options.Guardian.Manner,
            options.Guardian.LoweredTorque,
            speed
        )
        {
            TorqueLimits = torqueLimits,
        };
        ProcessStartInfo start = StartInfo(settings);
        try
        {
            _process = Process.Start(start) ?? throw Error($"guardian {start.FileName} could not be started.");
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            throw Error(
                $"guardian {start.FileName} could not be started: {error.Message} Set Robot:FeetechBus:Guardian:Program to robotrl.",
                error
            );
        }

        (_input, _output) = (Handle(_process.StandardInput.BaseStream), Handle(_process.StandardOutput.BaseStream));
        TermiosNative.MakeNonBlocking(Descriptor(_input));
        TermiosNative.MakeNonBlocking(Descriptor(_output));
        Span<byte> answer = stackalloc byte[1];
        TransportResult ready = DescriptorStream.Read(Descriptor(_output), answer, StartLimit);
        if (ready.Count != 1 || answer[0] != GuardianSignal.Ready)
        {
            End(inOrder: true);
            throw Error(
                $"its guardian ({start.FileName} {GuardianSettings.Command}) does not watch; what it wrote on standard error "
                    + $"says why. Without one set Robot:FeetechBus:Guardian:Enabled=false."
            );
        }

        _heardNs = MonotonicClock.NowNs;
    }

    public bool Beat(bool powered, CheckedPositions positions)
    {
        if (_input is null || _output is null)
        {
            return false;
        }

        // Neither waits: a guardian that does not read, or is gone, shows at once or by its silence.
        // It is short enough for a pipe to take it whole or not at all.
        int length = 1;
        _sign[0] = powered ? GuardianSignal.Powered : GuardianSignal.Idle;
        if (powered)
        {
            positions.Write(_sign.AsSpan(length));
            length += positions.Size;
        }

        TransportResult written = DescriptorStream.Write(Descriptor(_input), _sign.AsSpan(0, length), TimeSpan.Zero);
        long now = MonotonicClock.NowNs;
        Span<byte> bytes = stackalloc byte[64];
        TransportResult heard = DescriptorStream.Read(Descriptor(_output), bytes, TimeSpan.Zero);
        if (heard.Count > 0 || !powered)
        {
            _heardNs = now;
        }

        return written.Status != TransportStatus.Lost
            && heard.Status != TransportStatus.Lost
            && now - _heardNs <= 2 * options.Guardian.HeartbeatTimeout.Ticks * 100;
    }

    public void End(bool inOrder)
    {
        if (_process is not { } process)
        {
            return;
        }

        if (inOrder && _input is not null)
        {
            DescriptorStream.Write(Descriptor(_input), [GuardianSignal.End], TimeSpan.FromMilliseconds(10));
        }

        (_process, _input, _output) = (null, null, null);
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended by itself.
        }

        // One that hangs is left to itself no longer than this: the servos carry no power.
        if (inOrder && !process.WaitForExit(EndLimit))
        {
            process.Kill();
        }

        process.Dispose();
    }

    public void Dispose() => End(inOrder: true);

    private static int Descriptor(SafeHandle handle) => (int)handle.DangerousGetHandle();

    private static SafeHandle Handle(Stream stream) =>
        stream switch
        {
            AnonymousPipeClientStream pipe => pipe.SafePipeHandle,
            FileStream file => file.SafeFileHandle,
            _ => throw Error(
                $"standard streams of a child are {stream.GetType().Name} on this system, which has no descriptor. Set "
                    + $"Robot:FeetechBus:Guardian:Enabled=false."
            ),
        };

    private byte[] Ids(FeetechCommandMode control) =>
        [.. options.Servos.Values.Where(s => s.Mode == control).Select(s => (byte)s.Id).Order()];

    private ProcessStartInfo StartInfo(GuardianSettings settings)
    {
        string program = options.Guardian.Program ?? Environment.ProcessPath ?? "robotrl";
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (options.Guardian.Program is null && Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        }

        foreach (string argument in settings.ToArguments())
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    private static RobotException Error(string message, Exception? inner = null) =>
        new(FeetechBusDevice.Kind, $"Robot {FeetechBusDevice.Kind}: {message}", inner);
}
