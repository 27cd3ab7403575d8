using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Emulation;

/// <summary>
/// Servos that answer a bus protocol over any transport, with faults that can be switched on. <see cref="Start"/> gives it a
/// thread of its own; without, <see cref="Serve"/> does by hand what is due, for tests on a fake clock.
/// </summary>
/// <remarks>It owns neither transport nor clock. The cycle allocates nothing.</remarks>
public abstract class ServoBusEmulator : IDisposable
{
    /// <summary>Longest time that is made up after a pause; the rest of it did not happen.</summary>
    public static readonly TimeSpan MaxCatchUp = TimeSpan.FromSeconds(1);

    // Above the control thread: it stands for hardware, and takes microseconds.
    private const int FifoPriority = 85;

    private const int MaxBatch = 4096,
        MaxLate = 32,
        MaxLatePacket = 320;
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(2),
        WriteLimit = TimeSpan.FromMilliseconds(5);

    private readonly ITransport _transport;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly byte[] _received = new byte[1024],
        _batch = new byte[MaxBatch];
    private readonly byte[][] _late = [.. Enumerable.Range(0, MaxLate).Select(_ => new byte[MaxLatePacket])];
    private readonly int[] _lateLength = new int[MaxLate];
    private readonly long[] _lateDue = new long[MaxLate];
    private readonly long _start;
    private int _batchLength,
        _lateCount;
    private long _stepped,
        _requests,
        _replies;
    private volatile bool _closing;
    private Thread? _thread;

    private protected ServoBusEmulator(ITransport transport, TimeProvider time, int seed)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(time);
        (_transport, _time, _random, _start) = (transport, time, new Random(seed), time.GetTimestamp());
    }

    /// <summary>What is wrong with the bus; nothing at first.</summary>
    public EmulatedFaults Faults { get; } = new();

    /// <summary>The servos, as an observer beside them sees them.</summary>
    public abstract IReadOnlyList<EmulatedServo> Servos { get; }

    /// <summary>Time since it was made, by its clock.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>Requests understood. Any thread.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Replies sent, damaged ones included. Any thread.</summary>
    public long Replies => Volatile.Read(ref _replies);

    /// <summary>
    /// What the line's other side has set, bits per second; null: it is not looked at. Where it differs from the bus's own rate
    /// nothing is understood, as on a real line.
    /// </summary>
    public Func<int>? PeerBaudRate { get; set; }

    /// <summary>Rate of the bus, bits per second. Default 1000000.</summary>
    public int BaudRate { get; set; } = 1_000_000;

    /// <summary>Opens the transport and serves it on a thread of its own until <see cref="Dispose()"/>.</summary>
    /// <exception cref="TransportException">It cannot be opened.</exception>
    public void Start()
    {
        if (_thread is not null)
        {
            return;
        }

        _transport.Open();
        _thread = new(Run) { IsBackground = true, Name = "servo bus emulator" };
        _thread.Start();
    }

    /// <summary>
    /// Takes what has come, at most waiting <paramref name="wait"/> for it, answers, and lets the servos move. One thread at a
    /// time.
    /// </summary>
    /// <returns>Whether the transport is still there.</returns>
    public bool Serve(TimeSpan wait)
    {
        TransportResult read = _transport.Read(_received, wait);
        Advance();
        if (read.Count > 0)
        {
            int? peer = PeerBaudRate?.Invoke();
            if (peer is null || peer == BaudRate)
            {
                Receive(_received.AsSpan(0, read.Count));
            }
        }
        else
        {
            OnSilence();
        }

        SendLate();
        Flush();
        return read.Status != TransportStatus.Lost;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops its thread; the transport stays as it is.</summary>
    protected virtual void Dispose(bool disposing)
    {
        _closing = true;
        _thread?.Join();
        _thread = null;
    }

    /// <summary>Bytes from the line.</summary>
    private protected abstract void Receive(ReadOnlySpan<byte> bytes);

    /// <summary>Nothing has come: what came in part is damaged, or was never a request.</summary>
    private protected abstract void OnSilence();

    private protected void CountRequest() => Volatile.Write(ref _requests, _requests + 1);

    /// <summary>One servo's reply, to which the faults happen. <paramref name="twin"/> is what a second servo of that id says.</summary>
    private protected void Send(byte id, ReadOnlySpan<byte> packet, ReadOnlySpan<byte> twin)
    {
        if (Faults.HasTwin(id))
        {
            SendTwins(packet, twin);
            return;
        }

        if (_random.NextDouble() < Faults.LostReplies)
        {
            return;
        }

        Span<byte> place = Append(packet);
        if (_random.NextDouble() < Faults.CorruptedReplies)
        {
            for (int flips = _random.Next(1, 5); flips > 0; flips--)
            {
                place[_random.Next(place.Length)] ^= (byte)(1 << _random.Next(8));
            }
        }

        if (_random.NextDouble() < Faults.LateReplies && _lateCount < MaxLate && place.Length <= MaxLatePacket)
        {
            place.CopyTo(_late[_lateCount]);
            _lateLength[_lateCount] = place.Length;
            _lateDue[_lateCount++] = (Elapsed + Faults.LateBy).Ticks;
            _batchLength -= place.Length;
        }
    }

    /// <summary>A number that a servo without encoder reports.</summary>
    private protected int Garbage(int limit) => _random.Next(limit);

    private void SendTwins(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> twin)
    {
        if (_random.Next(2) == 0)
        {
            // Their pauses differ enough: one speaks behind the other.
            Append(packet);
            Append(twin);
            return;
        }

        // Both speak at once, one a byte later; the line is low where either pulls it down.
        Span<byte> place = Append(packet);
        for (int i = 1; i < place.Length; i++)
        {
            place[i] &= twin[Math.Min(i - 1, twin.Length - 1)];
        }
    }

    private Span<byte> Append(ReadOnlySpan<byte> packet)
    {
        if (_batchLength + packet.Length > MaxBatch)
        {
            Flush();
        }

        Volatile.Write(ref _replies, _replies + 1);
        Span<byte> place = _batch.AsSpan(_batchLength, packet.Length);
        packet.CopyTo(place);
        _batchLength += packet.Length;
        return place;
    }

    private void SendLate()
    {
        long now = Elapsed.Ticks;
        for (int i = 0; i < _lateCount; )
        {
            if (_lateDue[i] > now)
            {
                i++;
                continue;
            }

            Append(_late[i].AsSpan(0, _lateLength[i]));
            _lateCount--;
            (_late[i], _late[_lateCount]) = (_late[_lateCount], _late[i]);
            (_lateLength[i], _lateDue[i]) = (_lateLength[_lateCount], _lateDue[_lateCount]);
        }
    }

    private void Flush()
    {
        if (_batchLength > 0)
        {
            _ = _transport.Write(_batch.AsSpan(0, _batchLength), WriteLimit);
            _batchLength = 0;
        }
    }

    private void Advance()
    {
        const long StepTicks = (long)(EmulatedJoint.StepSeconds * TimeSpan.TicksPerSecond);
        long now = Elapsed.Ticks,
            behind = now - _stepped;
        if (behind > MaxCatchUp.Ticks)
        {
            _stepped += behind - MaxCatchUp.Ticks;
            behind = MaxCatchUp.Ticks;
        }

        int steps = (int)(behind / StepTicks);
        _stepped += steps * StepTicks;
        for (int i = 0; i < Servos.Count; i++)
        {
            Servos[i].AdvanceTo(now, steps, Faults);
        }
    }

    private void Run()
    {
        // Real servos answer however busy the computer is.
        RealTimeScheduling.TryUseFifo(FifoPriority);
        while (!_closing)
        {
            long before = MonotonicClock.NowNs;
            if (!Serve(Slice))
            {
                // The peer of a pair in memory is away: it may come back.
                MonotonicClock.SleepUntil(before + (Slice.Ticks * 100));
            }
        }
    }
}
