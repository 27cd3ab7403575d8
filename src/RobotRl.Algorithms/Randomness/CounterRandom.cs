using System.Runtime.CompilerServices;

namespace RobotRl.Algorithms.Randomness;

/// <summary>
/// The project's only random generator: Philox4x32-10, a counter-based generator (Salmon et al., "Parallel random numbers:
/// as easy as 1, 2, 3", SC11). Word <c>i</c> of stream <c>(seed, stream)</c> is a pure function of <c>(seed, stream, i)</c>,
/// so its whole state is one counter, every thread and backend can own a stream, and a checkpoint restores it exactly.
/// </summary>
/// <remarks>Not thread safe: one owner per instance. No method allocates.</remarks>
public sealed class CounterRandom
{
    private const uint Multiplier0 = 0xD2511F53,
        Multiplier1 = 0xCD9E8D57,
        Weyl0 = 0x9E3779B9,
        Weyl1 = 0xBB67AE85;
    private const int Rounds = 10,
        WordsPerBlock = 4;

    private ulong _seed,
        _stream,
        _position;
    private uint _word0,
        _word1,
        _word2,
        _word3;
    private ulong _block = ulong.MaxValue;

    /// <summary>Starts stream <paramref name="stream"/> of <paramref name="seed"/> at word 0.</summary>
    public CounterRandom(ulong seed, ulong stream)
    {
        _seed = seed;
        _stream = stream;
    }

    /// <summary>Starts the stream of <paramref name="purpose"/> of <paramref name="seed"/> at word 0.</summary>
    public CounterRandom(ulong seed, RandomPurpose purpose)
        : this(seed, (ulong)purpose) { }

    /// <summary>The whole state; setting it continues exactly where it was taken.</summary>
    public RandomState State
    {
        get => new(_seed, _stream, _position);
        set
        {
            (_seed, _stream, _position) = (value.Seed, value.Stream, value.Position);
            _block = ulong.MaxValue;
        }
    }

    /// <summary>The next 32 random bits.</summary>
    public uint NextUInt32()
    {
        ulong block = _position / WordsPerBlock;
        if (block != _block)
        {
            Fill(block);
        }

        uint word = (_position++ % WordsPerBlock) switch
        {
            0 => _word0,
            1 => _word1,
            2 => _word2,
            _ => _word3,
        };
        return word;
    }

    /// <summary>Uniform in [0, 1) with 24 bits.</summary>
    public float NextSingle() => (NextUInt32() >> 8) * (1f / (1 << 24));

    /// <summary>Uniform in [0, 1) with 53 bits (two words).</summary>
    public double NextDouble()
    {
        ulong high = NextUInt32() >> 5,
            low = NextUInt32() >> 6;
        return ((high << 26) | low) * (1.0 / (1L << 53));
    }

    /// <summary>Uniform in [<paramref name="minimum"/>, <paramref name="maximum"/>).</summary>
    public double NextDouble(double minimum, double maximum) => minimum + ((maximum - minimum) * NextDouble());

    /// <summary>Uniform integer in [0, <paramref name="count"/>) by multiplication; the bias is below count / 2^32.</summary>
    public int NextInt32(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return (int)(((ulong)NextUInt32() * (ulong)count) >> 32);
    }

    /// <summary>Standard normal by Box-Muller; always takes two words, so positions stay predictable.</summary>
    public float NextGaussian()
    {
        (float first, _) = GaussianPair();
        return first;
    }

    /// <summary>Fills <paramref name="destination"/> with standard normals, two for each pair of words.</summary>
    public void FillGaussian(Span<float> destination)
    {
        int i = 0;
        for (; i + 1 < destination.Length; i += 2)
        {
            (destination[i], destination[i + 1]) = GaussianPair();
        }

        if (i < destination.Length)
        {
            destination[i] = NextGaussian();
        }
    }

    /// <summary>
    /// Puts <paramref name="values"/> into random order, each order as likely as any other but for the bias of
    /// <see cref="NextInt32"/> (Fisher-Yates).
    /// </summary>
    public void Shuffle(Span<int> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int other = NextInt32(i + 1);
            (values[i], values[other]) = (values[other], values[i]);
        }
    }

    private (float First, float Second) GaussianPair()
    {
        // 1 - u is in (0, 1], so the logarithm is finite.
        float radius = MathF.Sqrt(-2f * MathF.Log(1f - NextSingle()));
        (float sine, float cosine) = MathF.SinCos(2f * MathF.PI * NextSingle());
        return (radius * cosine, radius * sine);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Fill(ulong block)
    {
        uint c0 = (uint)block,
            c1 = (uint)(block >> 32),
            c2 = (uint)_stream,
            c3 = (uint)(_stream >> 32);
        uint k0 = (uint)_seed,
            k1 = (uint)(_seed >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong p0 = (ulong)Multiplier0 * c0,
                p1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += Weyl0;
            k1 += Weyl1;
        }

        (_word0, _word1, _word2, _word3) = (c0, c1, c2, c3);
        _block = block;
    }
}
