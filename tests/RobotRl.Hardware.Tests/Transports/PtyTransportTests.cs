using System.Diagnostics;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Transports;

/// <summary>Both serial transports against the other side of a pseudo-terminal, in real time.</summary>
public sealed class PtyTransportTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly PseudoTerminal _device = new();
    private readonly byte[] _buffer = new byte[8192];

    public PtyTransportTests() => _device.Open();

    public static TheoryData<SerialBackend> Backends => [SerialBackend.Termios, SerialBackend.SerialPort];

    public void Dispose() => _device.Dispose();

    [Theory]
    [MemberData(nameof(Backends))]
    public void ReadWrite_EveryByteValue_ComesThroughUnchanged(SerialBackend backend)
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        using ITransport port = Opened(backend, 3_000_000);
        Assert.Equal(new(TransportStatus.Ok, 256), port.Write(all, Limit));
        Assert.Equal(all, Receive(_device, 256));
        Assert.Equal(new(TransportStatus.Ok, 256), _device.Write(all, Limit));
        Assert.Equal(all, Receive(port, 256));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Read_NothingComes_TimesOutInTime(SerialBackend backend)
    {
        using ITransport port = Opened(backend);
        long start = Stopwatch.GetTimestamp();
        Assert.Equal(new(TransportStatus.TimedOut, 0), port.Read(_buffer, TimeSpan.FromMilliseconds(30)));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 29, 500);
        Assert.Equal(new(TransportStatus.TimedOut, 0), port.Read(_buffer, TimeSpan.Zero));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Read_DeviceGone_IsLostWithinTheStatedTimeAndClosesAtOnce(SerialBackend backend)
    {
        using ITransport port = Opened(backend);
        _device.Close();
        long start = Stopwatch.GetTimestamp();
        while (port.Read(_buffer, TimeSpan.FromMilliseconds(5)).Status != TransportStatus.Lost)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < port.LossDetection, "not seen");
        }

        Assert.Equal(TransportStatus.Lost, port.Write([1, 2, 3], Limit).Status);
        AssertClosesSoon(port);
        Assert.Equal(TransportStatus.Lost, port.Read(_buffer, TimeSpan.Zero).Status);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Close_WrittenToAfterTheDeviceDied_DoesNotHang(SerialBackend backend)
    {
        using ITransport port = Opened(backend);
        _device.Close();
        for (int i = 0; i < 3; i++)
        {
            port.Write([1, 2, 3], TimeSpan.FromMilliseconds(20));
        }

        AssertClosesSoon(port);
    }

    [Fact]
    public void Open_LinkOfAnotherThatRuns_IsRefused_OneThatWasLeftIsReplaced()
    {
        string link = Path.Combine(Path.GetTempPath(), $"robotrl-pty-{Environment.ProcessId}-taken");
        using (var first = new PseudoTerminal(link))
        {
            first.Open();
            using var second = new PseudoTerminal(link);
            TransportException refused = Assert.Throws<TransportException>(second.Open);
            Assert.StartsWith($"{link} is the port of another emulator", refused.Message, StringComparison.Ordinal);
            Assert.Equal(first.SlavePath, new FileInfo(link).LinkTarget);
        }

        File.CreateSymbolicLink(link, "/dev/pts/killed");
        using var third = new PseudoTerminal(link);
        third.Open();
        Assert.Equal(third.SlavePath, new FileInfo(link).LinkTarget);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Open_DeviceBackAtTheSameLink_WorksAgain(SerialBackend backend)
    {
        string link = Path.Combine(Path.GetTempPath(), $"robotrl-pty-{Environment.ProcessId}-{backend}");
        using var device = new PseudoTerminal(link);
        device.Open();
        using ITransport port = SerialTransports.Create(new SerialOptions { Port = link, Backend = backend });
        port.Open();
        device.Close();
        Assert.Throws<TransportException>(() => Reopen(port));
        device.Open();
        Reopen(port);
        device.Write([42], Limit);
        Assert.Equal([42], Receive(port, 1));
        device.Close();
        Assert.False(File.Exists(link));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void DiscardInput_BytesWaiting_AreGone(SerialBackend backend)
    {
        using ITransport port = Opened(backend);
        _device.Write([1, 2, 3], Limit);
        Receive(port, 1);
        _device.Write([4, 5, 6], Limit);
        SpinUntilQuiet();
        port.DiscardInput();
        _device.Write([7], Limit);
        Assert.Equal([7], Receive(port, 1));
    }

    [Fact]
    public void TermiosReadWrite_OverAndOver_AllocateNothing()
    {
        using ITransport port = Opened(SerialBackend.Termios);
        byte[] request = new byte[12],
            reply = new byte[28];
        Run();
        Assert.Equal(0, Run());

        long Run()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 50; i++)
            {
                port.DiscardInput();
                port.Write(request, Limit);
                _device.Read(_buffer, Limit);
                _device.Write(reply, Limit);
                port.Read(_buffer, Limit);
                port.Read(_buffer, TimeSpan.Zero);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void TermiosWrite_DeviceStopsReading_TimesOutAndDropsTheRest()
    {
        using ITransport port = Opened(SerialBackend.Termios);
        byte[] flood = new byte[200_000];
        TransportResult result = port.Write(flood, TimeSpan.FromMilliseconds(20));
        Assert.Equal(TransportStatus.TimedOut, result.Status);
        Assert.InRange(result.Count, 1, flood.Length - 1);
        int left = 0;
        for (TransportResult read; (read = _device.Read(_buffer, TimeSpan.FromMilliseconds(20))).Status == TransportStatus.Ok; )
        {
            left += read.Count;
        }

        // Of what had been taken over, only what the other side already holds still comes.
        Assert.InRange(left, 0, 4096);
    }

    [Fact]
    public void PseudoTerminalWrite_PeerStopsReading_StaleBytesAreDropped()
    {
        using ITransport port = Opened(SerialBackend.Termios);
        byte[] reply = new byte[100];

        // On a busy machine the kernel's worker moves bytes on late, and more of them are under way than either end holds: the
        // best of five counts.
        int least = int.MaxValue;
        for (int attempt = 0; attempt < 5 && least > PseudoTerminal.MaxUnread + 4096; attempt++)
        {
            for (int i = 0; i < 200; i++)
            {
                Array.Fill(reply, (byte)i);
                _device.Write(reply, Limit);
            }

            Assert.True(_device.Drops > 0);
            SpinUntilQuiet();
            int waiting = 0,
                last = -1;
            for (TransportResult read; (read = port.Read(_buffer, TimeSpan.FromMilliseconds(20))).Status == TransportStatus.Ok; )
            {
                (waiting, last) = (waiting + read.Count, _buffer[read.Count - 1]);
            }

            Assert.Equal(199, last);
            least = Math.Min(least, waiting);
        }

        Assert.InRange(least, 100, PseudoTerminal.MaxUnread + 4096);
    }

    private ITransport Opened(SerialBackend backend, int baudRate = 1_000_000)
    {
        ITransport port = SerialTransports.Create(
            new SerialOptions
            {
                Port = _device.SlavePath,
                BaudRate = baudRate,
                Backend = backend,
            }
        );
        port.Open();
        return port;
    }

    private byte[] Receive(ITransport from, int count)
    {
        int received = 0;
        long start = Stopwatch.GetTimestamp();
        while (received < count && Stopwatch.GetElapsedTime(start) < Limit)
        {
            received += from.Read(_buffer.AsSpan(received, count - received), TimeSpan.FromMilliseconds(20)).Count;
        }

        return _buffer[..received];
    }

    private static void Reopen(ITransport port)
    {
        port.Close();
        port.Open();
    }

    private static void AssertClosesSoon(ITransport port)
    {
        long start = Stopwatch.GetTimestamp();
        port.Close();
        Assert.True(Stopwatch.GetElapsedTime(start) < Limit, $"closing took {Stopwatch.GetElapsedTime(start)}");
    }

    /// <summary>Lets the kernel's worker hand over what is under way.</summary>
    private static void SpinUntilQuiet() => new ManualResetEventSlim().Wait(50);
}
