namespace RobotRl.Hardware.Transports;

/// <summary>
/// A serial port or pseudo-terminal through Linux's terminal interface: raw, any baud rate, one program at a time, no
/// allocation in <see cref="Read"/> and <see cref="Write"/>.
/// </summary>
/// <remarks>
/// Modem lines are left alone. A port is held by an advisory lock (flock), which other programs that respect it see, and a real
/// port also by TIOCEXCL; a pseudo-terminal is not, because its flag would outlive this process as long as the other side lives.
/// USB adapters are asked for low latency (they collect bytes for 16 ms otherwise); where that is refused the port works all the same.
/// </remarks>
/// <param name="port">The port, or a link to it.</param>
/// <param name="baudRate">Bits per second.</param>
/// <param name="exclusive">Whether to hold the port against others; false for a second program that shares it by agreement.</param>
public sealed class TermiosTransport(string port, int baudRate, bool exclusive = true) : ITransport
{
    // A driver rounds the rate to what its divider can do; a UART tolerates about 2 to 3 % between both sides.
    private const double BaudTolerance = 0.02;

    private int _descriptor = -1;
    private bool _lost;

    /// <inheritdoc/>
    public string Name { get; } = FormattableString.Invariant($"{port} at {baudRate} baud");

    /// <summary>50 ms: the kernel reports a hang-up at once, measured 4 ms on a busy machine.</summary>
    public TimeSpan LossDetection { get; } = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    public void Open()
    {
        if (_descriptor >= 0)
        {
            return;
        }

        if (!OperatingSystem.IsLinux())
        {
            throw new TransportException(port, $"Port {port}: the termios backend works on Linux only. Set Backend to SerialPort.");
        }

        int descriptor = TermiosNative.Open(port, TermiosNative.OpenFlags);
        if (descriptor < 0)
        {
            throw SerialPorts.Explain(port, TermiosNative.LastError);
        }

        try
        {
            SetUp(descriptor);
        }
        catch
        {
            _ = TermiosNative.Close(descriptor);
            throw;
        }

        (_descriptor, _lost) = (descriptor, false);
    }

    /// <inheritdoc/>
    public void Close()
    {
        if (_descriptor >= 0)
        {
            // Else close waits for the driver to send what the peer does not take.
            TermiosNative.Flush(_descriptor, TermiosNative.FlushBoth);
            _ = TermiosNative.Close(_descriptor);
            _descriptor = -1;
        }
    }

    /// <inheritdoc/>
    public TransportResult Read(Span<byte> buffer, TimeSpan timeout) =>
        Note(_descriptor < 0 || _lost ? new(TransportStatus.Lost, 0) : DescriptorStream.Read(_descriptor, buffer, timeout));

    /// <inheritdoc/>
    public TransportResult Write(ReadOnlySpan<byte> bytes, TimeSpan timeout) =>
        Note(_descriptor < 0 || _lost ? new(TransportStatus.Lost, 0) : DescriptorStream.Write(_descriptor, bytes, timeout));

    /// <inheritdoc/>
    public void DiscardInput()
    {
        if (_descriptor >= 0)
        {
            TermiosNative.Flush(_descriptor, TermiosNative.FlushInput);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private TransportResult Note(TransportResult result)
    {
        _lost |= result.Status == TransportStatus.Lost;
        return result;
    }

    private void SetUp(int descriptor)
    {
        TermiosNative.Termios settings = default;
        if (TermiosNative.GetSettings(descriptor, ref settings) < 0)
        {
            throw SerialPorts.Explain(port, TermiosNative.NoTerminal);
        }

        bool pseudo = IsPseudoTerminal();
        if (exclusive)
        {
            if (TermiosNative.Lock(descriptor, TermiosNative.LockExclusive | TermiosNative.LockNoWait) < 0)
            {
                throw SerialPorts.Explain(port, TermiosNative.WouldBlock);
            }

            if (!pseudo && TermiosNative.SetExclusive(descriptor) < 0)
            {
                throw SerialPorts.Explain(port, TermiosNative.LastError);
            }
        }

        int made = TermiosNative.MakeRaw(descriptor, (uint)baudRate, out uint accepted);
        if (made < 0 && TermiosNative.LastError != TermiosNative.InvalidArgument)
        {
            throw SerialPorts.Explain(port, TermiosNative.LastError);
        }

        if (made < 0 || Math.Abs(accepted - (double)baudRate) > BaudTolerance * baudRate)
        {
            string instead = made < 0 ? "" : FormattableString.Invariant($"; the nearest that it does is {accepted}");
            throw new TransportException(
                port,
                FormattableString.Invariant(
                    $"Port {port} does not accept {baudRate} baud{instead}. Set a rate that both adapter and device can do."
                )
            );
        }

        if (!pseudo)
        {
            _ = TermiosNative.TrySetLowLatency(descriptor);
        }

        TermiosNative.Flush(descriptor, TermiosNative.FlushBoth);
    }

    private bool IsPseudoTerminal()
    {
        string target = File.ResolveLinkTarget(port, returnFinalTarget: true)?.FullName ?? port;
        return target.StartsWith("/dev/pts/", StringComparison.Ordinal);
    }
}
