using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace RobotRl.Runtime.Control;

/// <summary>
/// The terminal on standard input, key by key: without waiting for a line and without echo, as long as this process is in the
/// foreground. Signals such as Ctrl-C stay signals.
/// </summary>
/// <remarks>
/// Not System.Console: it switches the terminal to and fro at every look, and reading in the background would stop the process,
/// robot and all. One thread; <see cref="Restore"/> any thread.
/// </remarks>
internal sealed partial class OperatorTerminal : IDisposable
{
    // struct termios of glibc and musl on Linux: four flags of 4 bytes, c_line, c_cc[32], two speeds.
    private const int TermiosSize = 64,
        LocalFlags = 12,
        Characters = 17;
    private const uint Canonical = 2,
        Echo = 8;
    private const int MinimumCharacter = Characters + 6,
        TimeCharacter = Characters + 5;
    private const short Readable = 1;

    private readonly byte[] _settings = new byte[TermiosSize],
        _before = new byte[TermiosSize],
        _key = new byte[1];
    private readonly Lock _lock = new();
    private bool _changed,
        _ended;

    /// <summary>Whether standard input is a terminal.</summary>
    public static bool Exists => OperatingSystem.IsLinux() && !Console.IsInputRedirected && IsATerminal(0) == 1;

    /// <summary>Waits for a key, <paramref name="limit"/> at most; null where none came.</summary>
    public char? Read(TimeSpan limit)
    {
        var waiting = new PollDescriptor { File = 0, Events = Readable };
        bool ours = Prepare();
        if (ours && Poll(ref waiting, 1, (int)limit.TotalMilliseconds) == 0)
        {
            return null;
        }

        if (ours && (waiting.Returned & Readable) != 0 && Read(0, _key, 1) == 1)
        {
            return (char)_key[0];
        }

        // Not ours now, or closed: then it answers at once, for ever.
        using var pause = new ManualResetEventSlim();
        pause.Wait(limit);
        return null;
    }

    /// <summary>Puts the terminal back as it was found.</summary>
    public void Restore()
    {
        lock (_lock)
        {
            _ended = true;
            if (_changed && InForeground())
            {
                _changed = SetAttributes(0, 0, _before) != 0;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Restore();

    /// <summary>Switches line editing and echo off where they are on; false where the terminal is not ours now.</summary>
    private bool Prepare()
    {
        lock (_lock)
        {
            if (_ended || !InForeground() || GetAttributes(0, _settings) != 0)
            {
                return false;
            }

            uint flags = BinaryPrimitives.ReadUInt32LittleEndian(_settings.AsSpan(LocalFlags));
            if ((flags & (Canonical | Echo)) == 0)
            {
                return true;
            }

            // Again after the process was put into the background and fetched back.
            _settings.CopyTo(_before, 0);
            BinaryPrimitives.WriteUInt32LittleEndian(_settings.AsSpan(LocalFlags), flags & ~(Canonical | Echo));
            (_settings[MinimumCharacter], _settings[TimeCharacter]) = (1, 0);
            _changed = SetAttributes(0, 0, _settings) == 0;
            return _changed;
        }
    }

    private static bool InForeground() => ForegroundGroup(0) == OwnGroup();

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsATerminal(int file);

    [LibraryImport("libc", EntryPoint = "tcgetpgrp")]
    private static partial int ForegroundGroup(int file);

    [LibraryImport("libc", EntryPoint = "getpgrp")]
    private static partial int OwnGroup();

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int file, [In, Out] byte[] settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int file, int when, byte[] settings);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollDescriptor files, nuint count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int file, [Out] byte[] buffer, nuint length);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int File;
        public short Events,
            Returned;
    }
}
