using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Text;
using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// The memory behind <see cref="A3cShared"/>: two blocks of floats and a counter, in this process, or in a file that several
/// processes map, each with a
/// robot of its own.
/// </summary>
/// <remarks>
/// <para>
/// File: one page of header (magic; updates of all workers; parameters; length and UTF-8 of what the parameters are for), then
/// the parameters, then the
/// mean of squared gradients; little-endian, as the machine's memory is. It is written whole before it is mapped, so that a full
/// disk is found then.
/// </para>
/// <para>Any thread; the file's lock is held only while it is made or looked at, so that no process waits for another that learns.</para>
/// </remarks>
internal sealed unsafe class A3cBlock : IDisposable
{
    private const int HeaderBytes = 4096,
        CountAt = 16,
        LengthAt = 20,
        SubjectAt = 24;
    private const long UpdatesAt = 8;
    private const ulong Unfinished = 0x4333_4152_4c52,
        Magic = Unfinished | (1UL << 48); // "RLRA3C", version 1 once it is whole.

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly MemoryMappedViewAccessor? _view;
    private readonly float[] _own = [];
    private readonly byte* _start;
    private readonly int _count;
    private long _updates;
    private bool _disposed;

    /// <summary>Memory of this process alone, zeros.</summary>
    public A3cBlock(int count) => (_count, _own) = (count, new float[2 * count]);

    private A3cBlock(FileStream stream, int count, bool joined)
    {
        (_count, Joined) = (count, joined);

        // A view outlives its file's handles; a handle that stays open would keep the file's lock.
        using var file = MemoryMappedFile.CreateFromFile(
            stream,
            null,
            0,
            MemoryMappedFileAccess.ReadWrite,
            HandleInheritability.None,
            leaveOpen: true
        );
        _view = file.CreateViewAccessor();
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
    }

    /// <summary>Whether the file was there before: its parameters are those of others, or of runs before.</summary>
    public bool Joined { get; }

    /// <summary>theta and phi.</summary>
    public Span<float> Parameters => _view is null ? _own.AsSpan(0, _count) : new Span<float>(Start + HeaderBytes, _count);

    /// <summary>Mean of squared gradients, the same layout.</summary>
    public Span<float> Squares =>
        _view is null ? _own.AsSpan(_count) : new Span<float>(Start + HeaderBytes + (sizeof(float) * (long)_count), _count);

    /// <summary>Updates of all workers, T of the paper.</summary>
    public ref long Updates => ref _view is null ? ref _updates : ref *(long*)(Start + UpdatesAt);

    private byte* Start
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _start;
        }
    }

    /// <summary>Maps <paramref name="path"/>, and makes it first where it does not exist.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="subject">What the parameters are for, in words; must be equal for all who share them.</param>
    /// <param name="initial">The parameters of a new file.</param>
    /// <exception cref="ArgumentException">The file is for something else or no such file, or cannot be opened; the message says
    /// what to do.</exception>
    public static A3cBlock Open(string path, string subject, ReadOnlySpan<float> initial)
    {
        try
        {
            using FileStream stream = Lock(path);
            if (!stream.CanSeek)
            {
                throw OtherKind(path);
            }

            bool joined = Check(stream, path, subject, initial.Length);
            if (!joined)
            {
                Create(stream, subject, initial);
            }

            var block = new A3cBlock(stream, initial.Length, joined);
            if (joined && !(Numbers.AllFinite(block.Parameters) && Numbers.AllFinite(block.Squares)))
            {
                block.Dispose();
                throw new ArgumentException(
                    $"Learner:A3c:SharedFile is \"{path}\", which holds a number that is not finite, from which nobody can "
                        + $"learn. Stop all runs that share it, delete it, and the first run makes it anew."
                );
            }

            return block;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException(
                $"Learner:A3c:SharedFile is \"{path}\", which cannot be shared: {e.Message} Set it to a file in a folder of "
                    + $"yours on this machine, best in /dev/shm.",
                nameof(path),
                e
            );
        }
    }

    /// <summary>Ends this process's view; the file stays.</summary>
    public void Dispose()
    {
        if (_view is not null && !_disposed)
        {
            _disposed = true;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
        }
    }

    private static FileStream Lock(string path)
    {
        long start = Stopwatch.GetTimestamp();
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var wait = new SpinWait();
        while (true)
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException e) when (FileLocks.IsHeldElsewhere(e) && Stopwatch.GetElapsedTime(start) < Patience)
            {
                wait.SpinOnce(); // Another run makes it or looks at it.
            }
        }
    }

    /// <summary>Whether the file holds such parameters already; false where it is empty, or was left unfinished.</summary>
    private static bool Check(FileStream stream, string path, string subject, int count)
    {
        byte[] header = new byte[HeaderBytes];
        int read = stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false);
        ulong magic = BinaryPrimitives.ReadUInt64LittleEndian(header);
        if (read == 0 || magic == Unfinished)
        {
            return false;
        }

        if (magic != Magic || read < HeaderBytes)
        {
            throw OtherKind(path);
        }

        int length = Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(LengthAt)), 0, HeaderBytes - SubjectAt);
        string found = Encoding.UTF8.GetString(header.AsSpan(SubjectAt, length));
        if (found != subject)
        {
            throw new ArgumentException(
                $"Learner:A3c:SharedFile is \"{path}\", which holds parameters for {found}; this run's are for {subject}. Use "
                    + $"the same task and Learner:A3c:Network, or another file."
            );
        }

        int stored = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(CountAt));
        return stored == count && stream.Length == Size(count)
            ? true
            : throw new ArgumentException(
                $"Learner:A3c:SharedFile is \"{path}\", which is {stream.Length} bytes long; a whole one has {Size(count)}. "
                    + $"It was cut: delete it, and the first run makes it anew."
            );
    }

    private static ArgumentException OtherKind(string path) =>
        new(
            $"Learner:A3c:SharedFile is \"{path}\", which is a file of another kind and stays as it is. Set it to a file that "
                + $"does not exist yet; the first run makes it."
        );

    private static void Create(FileStream stream, string subject, ReadOnlySpan<float> initial)
    {
        byte[] bytes = new byte[Size(initial.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(CountAt), initial.Length);
        int length = Encoding.UTF8.GetBytes(subject, bytes.AsSpan(SubjectAt, HeaderBytes - SubjectAt));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(LengthAt), length);
        MemoryMarshal.AsBytes(initial).CopyTo(bytes.AsSpan(HeaderBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Unfinished);
        stream.SetLength(0);
        stream.Position = 0;
        stream.Write(bytes);
        stream.Flush(flushToDisk: true);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        stream.Position = 0;
        stream.Write(bytes.AsSpan(0, sizeof(ulong)));
        stream.Flush(flushToDisk: true);
    }

    private static long Size(int count) => HeaderBytes + (2L * sizeof(float) * count);
}
