using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RobotRl.Reference.Mosquitto;

/// <summary>
/// A mosquitto of our own on a free loopback port, with its own configuration in a folder of its own; it ends with this object.
/// </summary>
internal sealed partial class MosquittoBroker : IDisposable
{
    private const int SignalStop = 19,
        SignalContinue = 18;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);

    private readonly string _configuration;
    private Process? _process;

    /// <summary>Starts one that lets everybody in, or one with <paramref name="lines"/> instead of that.</summary>
    /// <param name="folder">Made for it before, with files that the lines name, or null.</param>
    /// <param name="lines">Configuration of the listener.</param>
    public MosquittoBroker(string? folder = null, params string[] lines)
    {
        Folder = folder ?? Directory.CreateTempSubdirectory("robotrl-mosquitto-").FullName;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        _configuration = Path.Combine(Folder, "mosquitto.conf");
        File.WriteAllLines(
            _configuration,
            [
                $"user {Environment.UserName}",
                $"listener {Port} 127.0.0.1",
                "persistence false",
                "set_tcp_nodelay true",
                "log_type all",
                "log_timestamp false",
                $"log_dest file {LogFile}",
                .. lines.Length > 0 ? lines : ["allow_anonymous true"],
            ]
        );
        Start();
    }

    /// <summary>Where mosquitto is, or null where it is not installed.</summary>
    public static string? Program { get; } =
        new[] { "/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto" }.FirstOrDefault(File.Exists);

    public string Folder { get; }

    public int Port { get; }

    /// <summary>Lines of its log so far.</summary>
    public string[] Log => File.Exists(LogFile) ? File.ReadAllLines(LogFile) : [];

    private string LogFile => Path.Combine(Folder, "mosquitto.log");

    public void Start()
    {
        _process = Process.Start(
            new ProcessStartInfo(
                Program ?? throw new InvalidOperationException("mosquitto is not installed: apt install mosquitto"),
                ["-c", _configuration]
            )
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            }
        )!;
        long start = Stopwatch.GetTimestamp();
        while (!Answers())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(start) > StartLimit)
            {
                throw new InvalidOperationException($"mosquitto did not start: {string.Join("; ", Log)}");
            }

            Thread.Sleep(5);
        }
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _process?.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        _process = null;
    }

    /// <summary>SIGSTOP: connections stay up, nothing is served, as with a half-open link.</summary>
    public void Freeze() => Signal(SignalStop);

    /// <summary>SIGCONT.</summary>
    public void Thaw() => Signal(SignalContinue);

    public void Dispose()
    {
        Kill();
        Directory.Delete(Folder, recursive: true);
    }

    private void Signal(int signal)
    {
        if (_process is not null && Kill(_process.Id, signal) != 0)
        {
            throw new InvalidOperationException($"kill failed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    private bool Answers()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
