using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RobotRl.Runtime.Journal;

/// <summary>What the payload of every frame looks like.</summary>
/// <param name="Id">Tells layouts of equal size apart.</param>
/// <param name="PayloadBytes">Bytes of one payload, 1 to <see cref="MaxPayloadBytes"/>.</param>
public readonly record struct JournalLayout(ulong Id, int PayloadBytes)
{
    /// <summary>Greatest payload.</summary>
    public const int MaxPayloadBytes = 64 * 1024;

    /// <summary>A layout whose id is drawn from a description of its fields, such as <c>experience 1 obs=3 action=1</c>.</summary>
    public static JournalLayout Of(string description, int payloadBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(payloadBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payloadBytes, MaxPayloadBytes);
        return new(BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(description))), payloadBytes);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Id:x16} ({PayloadBytes} bytes a frame)";
}
