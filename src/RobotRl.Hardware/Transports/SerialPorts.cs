using System.IO.Ports;

namespace RobotRl.Hardware.Transports;

/// <summary>Which serial ports there are, and why one cannot be opened.</summary>
public static class SerialPorts
{
    private const string Devices = "/dev",
        Terminals = "/sys/class/tty";

    /// <summary>The ports of this machine that have hardware behind them; pseudo-terminals are not among them. Any thread.</summary>
    public static IReadOnlyList<string> List()
    {
        if (!OperatingSystem.IsLinux())
        {
            return SerialPort.GetPortNames();
        }

        try
        {
            return [.. Directory.EnumerateFileSystemEntries(Devices, "tty*").Where(HasHardware).Order(StringComparer.Ordinal)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>
    /// The exception for <paramref name="port"/>, which <c>open</c> or what follows it refused with <paramref name="error"/> of
    /// errno.
    /// </summary>
    internal static TransportException Explain(string port, int error) =>
        new(
            port,
            error switch
            {
                TermiosNative.NoEntry => $"Port {port} does not exist; {Present()}. Plug the adapter in or correct the port.",
                TermiosNative.NoDevice or TermiosNative.NoDeviceOrAddress or TermiosNative.InputOutput =>
                    $"Port {port} has no device behind it; {Present()}. Plug the adapter in or correct the port.",
                TermiosNative.IsDirectory => $"Port {port} is a directory; {Present()}. Name the port itself.",
                TermiosNative.NoTerminal => $"Port {port} is not a serial port but another kind of file; {Present()}. Correct the port.",
                TermiosNative.AccessDenied or TermiosNative.NotPermitted =>
                    $"Port {port} may not be opened by user {Environment.UserName}. Add the user to the group dialout (sudo "
                        + $"usermod -aG dialout {Environment.UserName}), log in again, and retry.",
                TermiosNative.Busy or TermiosNative.WouldBlock =>
                    $"Port {port} is taken{Taker(port)}. End that program or choose another port.",
                _ => $"Port {port} cannot be opened: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)}. "
                    + $"Check the cable and the port.",
            }
        );

    /// <summary>
    /// What prevents <paramref name="port"/> from being opened, found by opening it; null where nothing does. Linux only.
    /// </summary>
    internal static TransportException? Probe(string port)
    {
        int descriptor = TermiosNative.Open(port, TermiosNative.OpenFlags);
        if (descriptor < 0)
        {
            return Explain(port, TermiosNative.LastError);
        }

        TermiosNative.Termios settings = default;
        int error =
            TermiosNative.GetSettings(descriptor, ref settings) < 0 ? TermiosNative.NoTerminal
            : TermiosNative.Lock(descriptor, TermiosNative.LockExclusive | TermiosNative.LockNoWait) < 0 ? TermiosNative.WouldBlock
            : 0;
        _ = TermiosNative.Close(descriptor);
        return error == 0 ? null : Explain(port, error);
    }

    private static string Present()
    {
        IReadOnlyList<string> ports = List();
        return ports.Count == 0 ? "this machine has no serial port" : $"there are {string.Join(", ", ports)}";
    }

    private static bool HasHardware(string device)
    {
        string name = Path.GetFileName(device);
        if (!Directory.Exists(Path.Combine(Terminals, name, "device")))
        {
            return false;
        }

        // Built-in ports are listed by the kernel whether or not a chip is there; type 0 is none.
        string type = Path.Combine(Terminals, name, "type");
        try
        {
            return !name.StartsWith("ttyS", StringComparison.Ordinal) || !File.Exists(type) || File.ReadAllText(type).Trim() != "0";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>
    /// " by picocom (process 4711)", where the kernel lets this user see it; else nothing. Of several the one with the lock.
    /// </summary>
    internal static string Taker(string port)
    {
        try
        {
            string target = Real(port);
            (int Id, bool Locks)[] holders =
            [
                .. Directory
                    .EnumerateDirectories("/proc")
                    .Select(p =>
                        int.TryParse(Path.GetFileName(p), out int id) && Holds(p, target) is { } locks ? (id, locks) : default((int, bool))
                    )
                    .Where(h => h != default)
                    .OrderByDescending(h => h.Item2),
            ];
            if (holders.Length > 0)
            {
                int id = holders[0].Id;
                return id == Environment.ProcessId
                    ? " by this process"
                    : $" by {File.ReadAllText($"/proc/{id}/comm").Trim()} (process {id})";
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The process ended meanwhile, or there is no /proc: the message does without.
        }

        return "";
    }

    /// <summary>Whether the process holds a lock on <paramref name="target"/>; null where it does not have it open.</summary>
    private static bool? Holds(string process, string target)
    {
        try
        {
            string[] open = [.. Directory.EnumerateFiles(Path.Combine(process, "fd")).Where(f => new FileInfo(f).LinkTarget == target)];
            return open.Length == 0
                ? null
                : open.Any(f =>
                    File.ReadAllText(Path.Combine(process, "fdinfo", Path.GetFileName(f))).Contains("lock:", StringComparison.Ordinal)
                );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Real(string port) => File.ResolveLinkTarget(port, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(port);
}
