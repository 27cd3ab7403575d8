using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace RobotRl.Hardware.Transports;

/// <summary>
/// A serial port that this program plays the device of: the master side of a Linux pseudo-terminal. Others open
/// <see cref="SlavePath"/>, or the link to it, as they would a real port.
/// </summary>
/// <remarks>
/// It waits for peers as long as it is open and is never lost: they may come and go. <see cref="Close"/> is what a pulled plug
/// is to the peer. A peer that stops reading gets no stale bytes later: above <see cref="MaxUnread"/> what it has not read is dropped.
/// </remarks>
/// <param name="link">A path that becomes a symbolic link to the slave side while it is open, or null for none.</param>
public sealed class PseudoTerminal(string? link = null) : ITransport
{
    /// <summary>Unread bytes above which the peer counts as stopped; several times the replies of a whole bus cycle.</summary>
    public const int MaxUnread = 1024;

    // Pseudo-terminals take any rate and send at none; this one is what stty shows.
    private const uint ShownBaudRate = 1_000_000;

    private int _master = -1,
        _slave = -1;
    private Socket? _claim;

    /// <inheritdoc/>
    public string Name => link ?? (SlavePath.Length > 0 ? SlavePath : "pseudo-terminal");

    /// <summary>Infinite: a peer that is away is not a lost link.</summary>
    public TimeSpan LossDetection => Timeout.InfiniteTimeSpan;

    /// <summary>The port for peers, such as <c>/dev/pts/3</c>; empty while closed.</summary>
    public string SlavePath { get; private set; } = "";

    /// <summary>Times that unread bytes were dropped because the peer had stopped reading.</summary>
    public long Drops { get; private set; }

    /// <summary>
    /// Rate that the peer has set, bits per second; 0 while closed. Bytes pass at any rate: this lets an emulated device tell a
    /// wrong one.
    /// </summary>
    public int PeerBaudRate
    {
        get
        {
            TermiosNative.Termios settings = default;
            return _slave >= 0 && TermiosNative.GetSettings(_slave, ref settings) >= 0 ? (int)settings.OutputSpeed : 0;
        }
    }

    /// <inheritdoc/>
    public void Open()
    {
        if (_master >= 0)
        {
            return;
        }

        if (!OperatingSystem.IsLinux())
        {
            throw new TransportException("pseudo-terminal", "Pseudo-terminals are used on Linux only. Run the emulator there.");
        }

        int master = TermiosNative.Open("/dev/ptmx", TermiosNative.OpenFlags);
        if (master < 0)
        {
            throw SerialPorts.Explain("/dev/ptmx", TermiosNative.LastError);
        }

        int number = TermiosNative.UnlockSlave(master);
        string path = FormattableString.Invariant($"/dev/pts/{number}");

        // Held open, so that the master reports no hang-up while there is no peer, and to see what a peer has not read.
        int slave = number < 0 ? -1 : TermiosNative.Open(path, TermiosNative.OpenFlags);
        if (slave < 0 || TermiosNative.MakeRaw(slave, ShownBaudRate, out _) < 0)
        {
            int error = TermiosNative.LastError;
            _ = TermiosNative.Close(master);
            throw SerialPorts.Explain(path, error);
        }

        (_master, _slave, SlavePath) = (master, slave, path);
        try
        {
            MakeLink();
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Close()
    {
        if (_master < 0)
        {
            return;
        }

        RemoveLink();
        _claim?.Dispose();
        _claim = null;
        _ = TermiosNative.Close(_slave);
        _ = TermiosNative.Close(_master);
        (_master, _slave, SlavePath) = (-1, -1, "");
    }

    /// <inheritdoc/>
    public TransportResult Read(Span<byte> buffer, TimeSpan timeout) =>
        _master < 0 ? new(TransportStatus.Lost, 0) : DescriptorStream.Read(_master, buffer, timeout);

    /// <inheritdoc/>
    public TransportResult Write(ReadOnlySpan<byte> bytes, TimeSpan timeout)
    {
        if (_master < 0)
        {
            return new(TransportStatus.Lost, 0);
        }

        if (TermiosNative.Unread(_slave) > MaxUnread)
        {
            TermiosNative.Flush(_slave, TermiosNative.FlushInput);
            Drops++;
        }

        return DescriptorStream.Write(_master, bytes, timeout);
    }

    /// <inheritdoc/>
    public void DiscardInput()
    {
        if (_master >= 0)
        {
            TermiosNative.Flush(_master, TermiosNative.FlushInput);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private void MakeLink()
    {
        if (link is null)
        {
            return;
        }

        try
        {
            Claim(link);
            var there = new FileInfo(link);
            if (there.LinkTarget is not null)
            {
                // Nobody claims it: left over from an emulator that was killed.
                there.Delete();
            }
            else if (there.Exists || Directory.Exists(link))
            {
                throw new TransportException(link, $"{link} exists and is not a link; it is left alone. Choose another path for the port.");
            }

            File.CreateSymbolicLink(link, SlavePath);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TransportException(
                link,
                $"The link {link} to {SlavePath} cannot be made: {error.Message} Choose another path for the port.",
                error
            );
        }
    }

    /// <summary>
    /// Holds the link against other programs as long as this one lives: a socket's abstract name, which the kernel frees.
    /// </summary>
    private void Claim(string path)
    {
        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(path))));
        _claim = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            _claim.Bind(new UnixDomainSocketEndPoint($"\0robotrl-port-{name}"));
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new TransportException(
                path,
                $"{path} is the port of another emulator that runs. Choose another path for the port, or end that emulator.",
                error
            );
        }
    }

    private void RemoveLink()
    {
        try
        {
            if (link is not null && new FileInfo(link).LinkTarget == SlavePath)
            {
                File.Delete(link);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It points nowhere now, and the next emulator replaces it.
        }
    }
}
