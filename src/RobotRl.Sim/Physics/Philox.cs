namespace RobotRl.Sim.Physics;

/// <summary>
/// Philox4x32-10 as a pure function, for simulators that draw many starts at once. The same numbers as the learner side's
/// counter-based generator (this project may not reference that one; a test holds the two together).
/// </summary>
internal static class Philox
{
    private const uint Multiplier0 = 0xD2511F53,
        Multiplier1 = 0xCD9E8D57,
        Weyl0 = 0x9E3779B9,
        Weyl1 = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>The two 53-bit uniforms in [0, 1) of one block of stream (<paramref name="seed"/>, <paramref name="stream"/>).</summary>
    public static (double First, double Second) Uniforms(ulong seed, ulong stream, ulong block)
    {
        uint c0 = (uint)block,
            c1 = (uint)(block >> 32),
            c2 = (uint)stream,
            c3 = (uint)(stream >> 32);
        uint k0 = (uint)seed,
            k1 = (uint)(seed >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong p0 = (ulong)Multiplier0 * c0,
                p1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += Weyl0;
            k1 += Weyl1;
        }

        return (ToDouble(c0, c1), ToDouble(c2, c3));
    }

    private static double ToDouble(uint high, uint low) => (((ulong)(high >> 5) << 26) | (low >> 6)) * (1.0 / (1L << 53));
}
