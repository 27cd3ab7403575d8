using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Protocols.Framing;
using Xunit;

namespace RobotRl.Hardware.Tests.Protocols.Feetech;

/// <summary>A million damaged packets, each with good ones behind it.</summary>
public sealed class FeetechFuzzTests(ITestOutputHelper output)
{
    private const int Rounds = 1_000_000;
    private static readonly byte[] Marker = [0x12, 0x34, 0x56, 0x78];

    [Fact]
    public void TryRead_AMillionDamagedPackets_LosesNoGoodOneAndTakesNoMoreThanTheSumsBound()
    {
        var damage = new FrameDamage(3);
        var decoder = new FeetechDecoder();
        byte[] packet = new byte[FeetechProtocol.MaxPacketLength],
            good = new byte[64],
            data = new byte[FeetechReading.Length];
        int goodLength = FeetechCodec.Status(good, 200, 0, Marker);
        long accepted = 0,
            lost = 0,
            declared = 0,
            plausible = 0;
        for (int round = 0; round < Rounds; round++)
        {
            int parameters = damage.Random.Next(data.Length + 1);
            Plausible(damage.Random, data);
            byte id = (byte)damage.Random.Next(1, 7);
            ReadOnlySpan<byte> bytes = damage.Apply(packet.AsSpan(0, FeetechCodec.Status(packet, id, 0, data.AsSpan(0, parameters))));
            bool found = false;
            long before = accepted;
            for (int part = 0; part < 3; part++)
            {
                while (decoder.TryRead(ref bytes, out FeetechPacket read))
                {
                    if (part > 0 && read.Id == 200 && read.Parameters.SequenceEqual(Marker))
                    {
                        found = true;
                        continue;
                    }

                    // Bytes that the damage put before or behind it leave it the packet that was sent.
                    if (read.Id == id && read.InstructionOrError == 0 && read.Parameters.SequenceEqual(data.AsSpan(0, parameters)))
                    {
                        continue;
                    }

                    accepted++;
                    bool asked = read.Id is >= 1 and <= 6 && read.Parameters.Length == data.Length;
                    declared += asked ? 1 : 0;
                    plausible += asked && FeetechReading.TryDecode(read.Parameters, out _) ? 1 : 0;
                }

                if (part == 0)
                {
                    bytes = good.AsSpan(0, goodLength);
                }
                else
                {
                    decoder.EndOfBurst();
                }
            }

            // A damaged packet that was accepted may hold the good one's bytes; nothing else may cost it.
            lost += found || accepted > before ? 0 : 1;
        }

        DecoderCounters counters = decoder.Counters;
        long reached = counters.BadChecksums + accepted;
        output.WriteLine(
            $"{Rounds} damaged packets: {reached} reached the sum, {accepted} accepted ({(double)accepted / reached:E2} of "
                + $"these; 2^-8 = {1.0 / 256:E2}; {(double)accepted / Rounds:E2} of all), {declared} of a declared id and length, "
                + $"{plausible} with plausible values; {lost} good ones lost."
        );
        Assert.Equal(0, lost);
        // A sum is no hash: two bits turned in opposite directions cancel one time in sixteen, so the bound is on all damaged packets.
        Assert.InRange(accepted, 1, Bound(Rounds / 256.0));
        Assert.InRange(plausible, 0, accepted / 10);
    }

    [Fact]
    public void TryRead_WithTheLengthDeclared_UnderstandsTheGoodPacketWithItsLastByte()
    {
        var damage = new FrameDamage(4);
        var decoder = new FeetechDecoder();
        decoder.Expect(IdSet.Of(1, 2, 3, 4, 5, 6), FeetechReading.Length);
        byte[] packet = new byte[FeetechProtocol.MaxPacketLength],
            data = new byte[FeetechReading.Length];
        long accepted = 0,
            late = 0;
        const int TenthOfThem = Rounds / 10;
        for (int round = 0; round < TenthOfThem; round++)
        {
            Plausible(damage.Random, data);
            int length = FeetechCodec.Status(packet, (byte)damage.Random.Next(1, 7), 0, data);
            ReadOnlySpan<byte> bytes = damage.Apply(packet.AsSpan(0, length));
            while (decoder.TryRead(ref bytes, out _))
            {
                accepted++;
            }

            // The request before each answer drops what came in part.
            decoder.Reset();
            bytes = packet.AsSpan(0, length);
            late += decoder.TryRead(ref bytes, out _) ? 0 : 1;
        }

        output.WriteLine(
            $"{TenthOfThem} damaged packets under a declared length: {decoder.Counters.BadChecksums} reached the sum, "
                + $"{accepted} accepted, {late} good ones late."
        );
        Assert.Equal(0, late);
    }

    [Fact]
    public void TryRead_NoiseOnly_IsDroppedWithinTheSumsBound()
    {
        var random = new Random(5);
        var decoder = new FeetechDecoder();
        byte[] noise = new byte[32];
        long accepted = 0,
            plausible = 0;
        for (int round = 0; round < Rounds; round++)
        {
            random.NextBytes(noise);
            ((ReadOnlySpan<byte>)[0xFF, 0xFF, (byte)random.Next(1, 7), FeetechReading.Length + 2]).CopyTo(noise);
            ReadOnlySpan<byte> bytes = noise;
            while (decoder.TryRead(ref bytes, out FeetechPacket read))
            {
                accepted++;
                plausible += FeetechReading.TryDecode(read.Parameters, out _) ? 1 : 0;
            }
        }

        long reached = decoder.Counters.BadChecksums + accepted;
        output.WriteLine(
            $"{Rounds} packets of noise: {reached} reached the sum, {accepted} accepted ({(double)accepted / reached:E2}), "
                + $"{plausible} with plausible values."
        );
        Assert.InRange(accepted, 1, Bound(reached / 256.0));
        Assert.InRange(plausible, 0, accepted / 100);
    }

    /// <summary>Five standard deviations of a count above what the sum lets through on average.</summary>
    private static long Bound(double expected) => (long)(expected + (5 * Math.Sqrt(expected)) + 1);

    private static void Plausible(Random random, Span<byte> block)
    {
        block.Clear();
        void Put(Span<byte> all, FeetechRegister register, int value) =>
            register.Encode(value, all[(register.Address - FeetechReading.FirstAddress)..]);
        Put(block, FeetechTable.PresentPosition, random.Next(0, 4096));
        Put(block, FeetechTable.PresentVelocity, random.Next(-3000, 3000));
        Put(block, FeetechTable.PresentLoad, random.Next(-500, 500));
        Put(block, FeetechTable.PresentVoltage, random.Next(60, 80));
        Put(block, FeetechTable.PresentTemperature, random.Next(20, 60));
        Put(block, FeetechTable.PresentCurrent, random.Next(-300, 300));
    }
}
