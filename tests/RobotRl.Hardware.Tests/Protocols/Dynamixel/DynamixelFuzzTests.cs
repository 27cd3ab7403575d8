using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Protocols.Framing;
using Xunit;

namespace RobotRl.Hardware.Tests.Protocols.Dynamixel;

/// <summary>A million damaged packets, each with a good one behind it.</summary>
public sealed class DynamixelFuzzTests(ITestOutputHelper output)
{
    private const int Rounds = 1_000_000;
    private static readonly byte[] Marker = [0x12, 0x34, 0x56, 0x78];

    [Fact]
    public void TryRead_AMillionDamagedPackets_LosesNoGoodOneAndTakesNoMoreThanTheChecksumsBound()
    {
        var damage = new FrameDamage(1);
        var decoder = new DynamixelDecoder();
        byte[] packet = new byte[DynamixelProtocol.MaxPacketLength],
            good = new byte[64],
            data = new byte[DynamixelReading.Length];
        int goodLength = DynamixelCodec.Status(good, 200, 0, Marker);
        long accepted = 0,
            late = 0,
            declared = 0,
            plausible = 0;
        for (int round = 0; round < Rounds; round++)
        {
            int parameters = damage.Random.Next(data.Length + 1);
            Plausible(damage.Random, data);
            byte id = (byte)damage.Random.Next(1, 7);
            ReadOnlySpan<byte> bytes = damage.Apply(packet.AsSpan(0, DynamixelCodec.Status(packet, id, 0, data.AsSpan(0, parameters))));
            while (decoder.TryRead(ref bytes, out DynamixelPacket read))
            {
                // Bytes that the damage put before or behind it leave it the packet that was sent.
                if (read.Id == id && read.ErrorByte == 0 && read.Parameters.SequenceEqual(data.AsSpan(0, parameters)))
                {
                    continue;
                }

                accepted++;
                bool asked =
                    read.Instruction == DynamixelInstruction.Status && read.Id is >= 1 and <= 6 && read.Parameters.Length == data.Length;
                declared += asked ? 1 : 0;
                plausible += asked && DynamixelReading.TryDecode(read.Parameters, DynamixelModel.Xl330M288, out _) ? 1 : 0;
            }

            // Understood with its last byte, whatever came before it.
            bool found = false;
            bytes = good.AsSpan(0, goodLength);
            while (decoder.TryRead(ref bytes, out DynamixelPacket read))
            {
                if (read.Id == 200 && read.Parameters.SequenceEqual(Marker))
                {
                    found = true;
                }
                else if (read.Id != id || !read.Parameters.SequenceEqual(data.AsSpan(0, parameters)))
                {
                    accepted++;
                }
            }

            late += found ? 0 : 1;
        }

        DecoderCounters counters = decoder.Counters;
        output.WriteLine(
            $"{Rounds} damaged packets: {counters.BadChecksums} reached the checksum, {accepted} accepted "
                + $"({(double)accepted / (counters.BadChecksums + accepted):E2} of these; 2^-16 = {1.0 / 65536:E2}), {declared} of "
                + $"a declared id and length, {plausible} with plausible values; {late} good ones lost."
        );
        Assert.InRange(accepted, 0, Bound((counters.BadChecksums + accepted) / 65536.0));
        // Only a damaged packet that was accepted could take a good one with it.
        Assert.InRange(late, 0, accepted);
        Assert.InRange(declared, 0, accepted);
        Assert.True(counters.BadChecksums > Rounds / 4, "most of the damage never reached the checksum: the fuzz is too weak");
    }

    [Fact]
    public void TryRead_NoiseOnly_IsDroppedWithinTheChecksumsBound()
    {
        var random = new Random(2);
        var decoder = new DynamixelDecoder();
        byte[] noise = new byte[64];
        long accepted = 0;
        for (int round = 0; round < Rounds; round++)
        {
            // Noise that begins as a packet does: without that one in 4 billion would.
            random.NextBytes(noise);
            ((ReadOnlySpan<byte>)[0xFF, 0xFF, 0xFD, 0x00, 0x01, (byte)random.Next(3, 57), 0x00]).CopyTo(noise);
            ReadOnlySpan<byte> bytes = noise;
            while (decoder.TryRead(ref bytes, out _))
            {
                accepted++;
            }
        }

        output.WriteLine($"{Rounds} packets of noise: {decoder.Counters.BadChecksums} reached the checksum, {accepted} accepted.");
        Assert.InRange(accepted, 1, Bound((decoder.Counters.BadChecksums + accepted) / 65536.0));
    }

    /// <summary>Five standard deviations of a count above what the checksum lets through on average.</summary>
    private static long Bound(double expected) => (long)(expected + (5 * Math.Sqrt(expected)) + 1);

    private static void Plausible(Random random, Span<byte> block)
    {
        block.Clear();
        void Put(Span<byte> all, DynamixelRegister register, int value) =>
            register.Encode(value, all[(register.Address - DynamixelReading.FirstAddress)..]);
        Put(block, DynamixelTable.PresentCurrent, random.Next(-500, 500));
        Put(block, DynamixelTable.PresentVelocity, random.Next(-400, 400));
        Put(block, DynamixelTable.PresentPosition, random.Next(0, 4096));
        Put(block, DynamixelTable.PresentVoltage, random.Next(48, 52));
        Put(block, DynamixelTable.PresentTemperature, random.Next(20, 60));
    }
}
