using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using RobotRl.Hardware.Protocols.Framing;

namespace RobotRl.Hardware.Protocols.Mcu;

/// <summary>Puts one payload together and frames it. Does not allocate.</summary>
internal ref struct McuFrameWriter
{
    private Payload _payload;
    private int _length;

    public McuFrameWriter(McuMessage type, ushort sequence)
    {
        Put((byte)type);
        Put(sequence);
    }

    public void Put(byte value) => Take(1)[0] = value;

    public void Put(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    public void Put(short value) => BinaryPrimitives.WriteInt16LittleEndian(Take(2), value);

    public void Put(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void Put(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);

    public void Put(float value) => BinaryPrimitives.WriteSingleLittleEndian(Take(4), value);

    public void PutName(string name, int length)
    {
        Span<byte> place = Take(length);
        place.Clear();
        if (!Encoding.UTF8.TryGetBytes(name, place, out _))
        {
            throw new ArgumentException(
                $"The name \"{name}\" has {Encoding.UTF8.GetByteCount(name)} bytes; allowed: {length}.",
                nameof(name)
            );
        }
    }

    /// <summary>Writes the frame, with the zero that ends it. Returns its length.</summary>
    public int Finish(Span<byte> destination)
    {
        Span<byte> payload = _payload;
        Put(Crc32.Compute(payload[.._length]));
        payload = _payload;
        int needed = Cobs.MaxEncodedLength(_length) + 1;
        if (destination.Length < needed)
        {
            throw new ArgumentException($"A destination of {destination.Length} bytes; the frame may need {needed}.", nameof(destination));
        }

        int end = Cobs.Encode(payload[.._length], destination);
        destination[end] = 0;
        return end + 1;
    }

    [UnscopedRef]
    private Span<byte> Take(int count)
    {
        Span<byte> payload = _payload;
        if (_length + count > payload.Length)
        {
            throw new ArgumentException(
                $"The message does not fit into a payload of {McuProtocol.MaxPayloadLength} bytes: too many interfaces."
            );
        }

        _length += count;
        return payload.Slice(_length - count, count);
    }

    [InlineArray(McuProtocol.MaxPayloadLength + McuProtocol.CrcLength)]
    private struct Payload
    {
        private byte _first;
    }
}
