namespace RobotRl.Runtime.Control;

/// <summary>A socket of a running run, bound in its directory. One that somebody deleted is made anew.</summary>
/// <remarks>One thread.</remarks>
internal sealed class RunSocket : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ControlAddress _address;
    private readonly string _name;
    private readonly int _type;
    private readonly TimeProvider _time;
    private long _lookedAt;

    private RunSocket(ControlAddress address, string name, int type, int file, TimeProvider time) =>
        (_address, _name, _type, File, _time, _lookedAt) = (address, name, type, file, time, time.GetTimestamp());

    /// <summary>Its descriptor.</summary>
    public int File { get; private set; }

    /// <summary>Binds the socket <paramref name="name"/>; whatever had the name must be gone.</summary>
    /// <exception cref="ControlException">It cannot be made.</exception>
    public static RunSocket Open(string runDirectory, ControlAddress address, string name, int type, TimeProvider time)
    {
        int file = UnixSocket.Bind(type, address.SocketPath(name));
        return file >= 0
            ? new(address, name, type, file, time)
            : throw new ControlException(
                runDirectory,
                $"{address.FilePath(name)}: the control socket cannot be made: {UnixSocket.ErrorMessage}. Check the "
                    + $"directory's permissions, and `ulimit -n`."
            );
    }

    /// <summary>Looks once a second whether its name is still there, and makes it anew otherwise. True where that was done.</summary>
    public bool RenewWhereDeleted()
    {
        if (_time.GetElapsedTime(_lookedAt) < Interval)
        {
            return false;
        }

        _lookedAt = _time.GetTimestamp();
        if (_address.Exists(_name) || UnixSocket.Bind(_type, _address.HeldPath(_name)) is not (>= 0 and var file))
        {
            // Where it cannot be made (the directory is gone too), the next look tries again.
            return false;
        }

        UnixSocket.Close(File);
        File = file;
        return true;
    }

    /// <summary>Closes it and removes its name.</summary>
    public void Dispose()
    {
        if (File >= 0)
        {
            _address.TryRemove(_name);
            UnixSocket.Close(File);
            File = -1;
        }
    }
}
