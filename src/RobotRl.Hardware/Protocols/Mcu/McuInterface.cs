using System.Buffers.Binary;

namespace RobotRl.Hardware.Protocols.Mcu;

/// <summary>One interface of a device. Made at the handshake only: its name is a string.</summary>
/// <param name="Index">Its place; states come first.</param>
/// <param name="Kind">What it is.</param>
/// <param name="LeastRaw">Least command; 0 for a state.</param>
/// <param name="GreatestRaw">Greatest command; 0 for a state.</param>
/// <param name="Scale">SI value = raw value times this; finite and not 0.</param>
/// <param name="Name">Such as <c>pole/position</c>.</param>
public sealed record McuInterface(byte Index, McuInterfaceKind Kind, short LeastRaw, short GreatestRaw, float Scale, string Name)
{
    /// <summary>
    /// Reads a frame. Null where it is no such frame, or says what cannot be (unknown kind, a scale of 0 or not finite, a range
    /// turned round, no name).
    /// </summary>
    public static McuInterface? Decode(McuFrame frame)
    {
        ReadOnlySpan<byte> body = frame.Body;
        if (frame.Type != McuMessage.Interface || McuName.Decode(body[10..]) is not { Length: > 0 } name)
        {
            return null;
        }

        var read = new McuInterface(
            body[0],
            (McuInterfaceKind)body[1],
            BinaryPrimitives.ReadInt16LittleEndian(body[2..]),
            BinaryPrimitives.ReadInt16LittleEndian(body[4..]),
            BinaryPrimitives.ReadSingleLittleEndian(body[6..]),
            name
        );
        return Enum.IsDefined(read.Kind) && float.IsFinite(read.Scale) && read.Scale != 0 && read.LeastRaw <= read.GreatestRaw
            ? read
            : null;
    }

    /// <summary>SI value of a raw one.</summary>
    public double ToSi(int raw) => raw * (double)Scale;

    /// <summary>Raw command of an SI value, the nearest one in range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public short ToRaw(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, $"A command to {Name} must be finite.");
        }

        return (short)Math.Clamp(Math.Round(value / Scale), LeastRaw, GreatestRaw);
    }
}
