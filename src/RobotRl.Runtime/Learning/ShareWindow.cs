using RobotRl.Algorithms.Checkpoints;

namespace RobotRl.Runtime.Learning;

/// <summary>Which share of the newest ones was refused. One thread; nothing but the constructor allocates.</summary>
internal sealed class ShareWindow(int size)
{
    private readonly byte[] _refused = new byte[size];
    private int _next,
        _count;

    /// <summary>Share of the window, 0 to 1; those that have not come yet count as not refused.</summary>
    public double Share => (double)_count / _refused.Length;

    /// <summary>Takes the newest one in.</summary>
    public void Add(bool refused)
    {
        _count += (refused ? 1 : 0) - _refused[_next];
        _refused[_next] = refused ? (byte)1 : (byte)0;
        _next = (_next + 1) % _refused.Length;
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        Array.Clear(_refused);
        (_next, _count) = (0, 0);
    }

    /// <summary>Writes it under <paramref name="name"/>.</summary>
    public void Save(IStateWriter writer, string name) => writer.Write(name, [_refused.Length, _next, .. _refused.Select(r => (long)r)]);

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="StateMismatchException">It was saved with another size.</exception>
    public void Load(IStateReader reader, string name)
    {
        long[] saved = new long[_refused.Length + 2];
        reader.Read(name, saved);
        (_next, _count) = ((int)saved[1] % _refused.Length, 0);
        for (int i = 0; i < _refused.Length; i++)
        {
            _refused[i] = (byte)(saved[i + 2] != 0 ? 1 : 0);
            _count += _refused[i];
        }
    }
}
