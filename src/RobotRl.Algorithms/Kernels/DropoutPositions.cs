using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Kernels;

/// <summary>
/// Which of a layer's units a dropout drops: rising positions of independent events of one probability. Drawn as geometric gaps
/// between them, so that a rate of 1 % costs a hundredth of the random numbers that a mask would.
/// </summary>
internal sealed class DropoutPositions(int units, double rate)
{
    private readonly int[] _positions = new int[units];
    private readonly double _logKeep = Math.Log(1 - rate);
    private int _count;

    /// <summary>Dropped positions, rising, each below the number of units.</summary>
    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, _count);

    /// <summary>Draws anew.</summary>
    public void Draw(CounterRandom random)
    {
        _count = 0;
        if (rate <= 0)
        {
            return;
        }

        for (long at = Gap(); at < _positions.Length; at += 1 + Gap())
        {
            _positions[_count++] = (int)at;
        }

        // P(gap >= k) = (1 - rate)^k.
        long Gap() => (long)(Math.Log(1 - random.NextDouble()) / _logKeep);
    }

    /// <summary>Drops nothing.</summary>
    public void Clear() => _count = 0;

    /// <summary>The factor of each unit: 0 where dropped, else 1 / (1 - rate).</summary>
    public void CopyMask(Span<float> mask)
    {
        mask.Fill((float)(1 / (1 - rate)));
        foreach (int position in Positions)
        {
            mask[position] = 0;
        }
    }
}
