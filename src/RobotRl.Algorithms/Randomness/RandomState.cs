namespace RobotRl.Algorithms.Randomness;

/// <summary>The state of a <see cref="CounterRandom"/>.</summary>
/// <param name="Seed">The Philox key.</param>
/// <param name="Stream">The upper half of the Philox counter.</param>
/// <param name="Position">How many 32-bit words have been taken.</param>
public readonly record struct RandomState(ulong Seed, ulong Stream, ulong Position);
