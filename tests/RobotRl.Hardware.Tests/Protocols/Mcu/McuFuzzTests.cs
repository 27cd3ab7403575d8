using RobotRl.Hardware.Protocols.Framing;
using RobotRl.Hardware.Protocols.Mcu;
using Xunit;

namespace RobotRl.Hardware.Tests.Protocols.Mcu;

/// <summary>A million damaged frames, each with good ones behind it.</summary>
public sealed class McuFuzzTests(ITestOutputHelper output)
{
    private const int Rounds = 1_000_000;

    [Fact]
    public void TryRead_AMillionDamagedFrames_TakesNoneAndUnderstandsTheNextGoodOne()
    {
        var damage = new FrameDamage(6);
        var decoder = new McuDecoder();
        byte[] frame = new byte[McuProtocol.MaxFrameLength],
            good = new byte[64];
        long accepted = 0,
            firstLost = 0,
            secondLost = 0,
            lostAfterAZero = 0;
        var values = new int[6];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = damage.Random.Next(-4096, 4096);
            }

            ushort sequence = (ushort)round;
            int length =
                damage.Random.Next(2) == 0
                    ? McuCodec.Command(frame, sequence, (uint)round, [(short)values[0], (short)values[1]])
                    : McuCodec.State(frame, sequence, (uint)round, (uint)values[5], McuStatus.Powered, 0, [(short)values[0]], values);
            ReadOnlySpan<byte> bytes = damage.Apply(frame.AsSpan(0, length));
            bool endsWithZero = bytes.EndsWith((ReadOnlySpan<byte>)[0]);
            while (decoder.TryRead(ref bytes, out McuFrame read))
            {
                // What the damage put before, behind or twice is still the frame that was sent: only other content counts.
                accepted += Same(read, frame.AsSpan(0, length)) ? 0 : 1;
            }

            int goodLength = McuCodec.Refused(good, sequence, McuRefusal.OldSequence);
            bool first = IsUnderstood(decoder, good.AsSpan(0, goodLength), sequence);
            bool second = IsUnderstood(decoder, good.AsSpan(0, goodLength), sequence);
            firstLost += first ? 0 : 1;
            secondLost += second ? 0 : 1;
            lostAfterAZero += !first && endsWithZero ? 1 : 0;
        }

        DecoderCounters counters = decoder.Counters;
        output.WriteLine(
            $"{Rounds} damaged frames: {counters.BadChecksums} reached the checksum, {counters.BadFrames} did not, {accepted} "
                + $"accepted; {lostAfterAZero} good ones lost behind a zero, {firstLost} where the zero itself was damaged, "
                + $"{secondLost} of the second good ones."
        );
        Assert.Equal((0, 0, 0), (accepted, lostAfterAZero, secondLost));
        Assert.True(firstLost > 0, "no zero was ever damaged: the fuzz is too weak");
        Assert.True(counters.BadChecksums > Rounds / 20, "most of the damage never reached the checksum: the fuzz is too weak");
    }

    [Fact]
    public void TryRead_NoiseInFrames_TakesNone()
    {
        var random = new Random(7);
        var decoder = new McuDecoder();
        byte[] noise = new byte[32],
            encoded = new byte[40];
        long accepted = 0;
        for (int round = 0; round < Rounds; round++)
        {
            random.NextBytes(noise);
            // A known type of a fitting length, so that the checksum alone refuses it.
            int length = 13;
            noise[0] = (byte)McuMessage.Command;
            int end = Cobs.Encode(noise.AsSpan(0, length), encoded);
            encoded[end] = 0;
            ReadOnlySpan<byte> bytes = encoded.AsSpan(0, end + 1);
            accepted += decoder.TryRead(ref bytes, out _) ? 1 : 0;
        }

        Assert.Equal(0, accepted);
        Assert.Equal(Rounds, decoder.Counters.BadChecksums);
    }

    private static bool IsUnderstood(McuDecoder decoder, ReadOnlySpan<byte> frame, ushort sequence)
    {
        ReadOnlySpan<byte> bytes = frame;
        return decoder.TryRead(ref bytes, out McuFrame read) && read.Type == McuMessage.Refused && read.Sequence == sequence;
    }

    private static bool Same(McuFrame read, ReadOnlySpan<byte> sent)
    {
        ReadOnlySpan<byte> bytes = sent;
        return new McuDecoder().TryRead(ref bytes, out McuFrame original)
            && original.Type == read.Type
            && original.Sequence == read.Sequence
            && original.Body.SequenceEqual(read.Body);
    }
}
