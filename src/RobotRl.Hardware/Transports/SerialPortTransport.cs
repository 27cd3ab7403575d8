using System.IO.Ports;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Transports;

/// <summary>
/// A serial port through System.IO.Ports: the portable transport. Slower by 1 to 2 ms an exchange than
/// <see cref="TermiosTransport"/>, and the library allocates some hundred bytes in each <see cref="Read"/> and <see cref="Write"/>.
/// </summary>
/// <remarks>
/// Modem lines are left alone: pseudo-terminals have none, and setting them throws there. After the peer has died the
/// library's own <c>Close</c> may never return (dotnet/runtime issues 121627 and 100690); so it runs on a thread of its own,
/// which is abandoned after <see cref="CloseLimit"/>.
/// </remarks>
/// <param name="port">The port, such as <c>/dev/ttyUSB0</c> or <c>COM3</c>.</param>
/// <param name="baudRate">Bits per second.</param>
public sealed class SerialPortTransport(string port, int baudRate) : ITransport
{
    /// <summary>Longest time that <see cref="Close"/> takes.</summary>
    public static readonly TimeSpan CloseLimit = TimeSpan.FromMilliseconds(500);

    private const long PollNs = 200_000;

    private SerialPort? _port;
    private bool _lost;

    /// <inheritdoc/>
    public string Name { get; } = FormattableString.Invariant($"{port} at {baudRate} baud");

    /// <summary>100 ms: the library notices a dead peer after 8 to 18 ms, measured.</summary>
    public TimeSpan LossDetection { get; } = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public void Open()
    {
        if (_port is not null)
        {
            return;
        }

        // The library reports a missing and a busy port by the same exception: look first.
        if (OperatingSystem.IsLinux() && SerialPorts.Probe(port) is { } problem)
        {
            throw problem;
        }

        var opened = new SerialPort(port, baudRate);
        try
        {
            opened.Open();
            opened.DiscardInBuffer();
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or TimeoutException)
        {
            opened.Dispose();
            bool rate = error is ArgumentOutOfRangeException { ParamName: nameof(SerialPort.BaudRate) };
            throw new TransportException(
                port,
                rate
                        ? FormattableString.Invariant(
                            $"Port {port} does not accept {baudRate} baud. Set a rate that both adapter and device can do."
                        )
                    : SerialPorts.List().Contains(port)
                        ? $"Port {port} cannot be opened: {error.Message} End the program that uses it, or check your permission."
                    : $"Port {port} cannot be opened: {error.Message} Ports of this machine: "
                        + $"{string.Join(", ", SerialPorts.List().DefaultIfEmpty("none"))}.",
                error
            );
        }

        (_port, _lost) = (opened, false);
    }

    /// <inheritdoc/>
    public void Close()
    {
        if (_port is not { } closing)
        {
            return;
        }

        _port = null;
        var thread = new Thread(() =>
        {
            try
            {
                closing.Dispose();
            }
            catch (Exception error) when (IsLoss(error))
            {
                // It is closed, which is what was wanted.
            }
        })
        {
            IsBackground = true,
            Name = $"close {port}",
        };
        thread.Start();
        thread.Join(CloseLimit);
    }

    /// <inheritdoc/>
    public TransportResult Read(Span<byte> buffer, TimeSpan timeout)
    {
        if (_port is not { } open || _lost)
        {
            return new(TransportStatus.Lost, 0);
        }

        long deadline = MonotonicClock.NowNs + (timeout.Ticks * TimeSpan.NanosecondsPerTick);
        try
        {
            // The library's own time limit throws: look, and wait in short sleeps.
            int waiting;
            while ((waiting = open.BytesToRead) == 0)
            {
                long now = MonotonicClock.NowNs;
                if (now >= deadline)
                {
                    return new(TransportStatus.TimedOut, 0);
                }

                MonotonicClock.SleepUntil(Math.Min(deadline, now + PollNs));
            }

            // On a dead port the library counts negative numbers of bytes before it throws.
            int count = waiting < 0 ? 0 : open.BaseStream.Read(buffer[..Math.Min(buffer.Length, waiting)]);
            _lost = count == 0 && !buffer.IsEmpty;
            return new(_lost ? TransportStatus.Lost : TransportStatus.Ok, count);
        }
        catch (Exception error) when (IsLoss(error))
        {
            _lost = true;
            return new(TransportStatus.Lost, 0);
        }
    }

    /// <inheritdoc/>
    public TransportResult Write(ReadOnlySpan<byte> bytes, TimeSpan timeout)
    {
        if (_port is not { } open || _lost)
        {
            return new(TransportStatus.Lost, 0);
        }

        try
        {
            open.WriteTimeout = Math.Max(1, (int)timeout.TotalMilliseconds);
            open.BaseStream.Write(bytes);
            return new(TransportStatus.Ok, bytes.Length);
        }
        catch (TimeoutException)
        {
            TryDropOutput(open);
            return new(TransportStatus.TimedOut, 0);
        }
        catch (Exception error) when (IsLoss(error))
        {
            _lost = true;
            return new(TransportStatus.Lost, 0);
        }
    }

    /// <inheritdoc/>
    public void DiscardInput()
    {
        try
        {
            if (!_lost)
            {
                _port?.DiscardInBuffer();
            }
        }
        catch (Exception error) when (IsLoss(error))
        {
            _lost = true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private void TryDropOutput(SerialPort open)
    {
        try
        {
            open.DiscardOutBuffer();
        }
        catch (Exception error) when (IsLoss(error))
        {
            _lost = true;
        }
    }

    private static bool IsLoss(Exception error) =>
        error is IOException or ObjectDisposedException or InvalidOperationException or UnauthorizedAccessException;
}
