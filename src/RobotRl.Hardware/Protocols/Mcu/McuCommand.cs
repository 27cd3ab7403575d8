using System.Buffers.Binary;

namespace RobotRl.Hardware.Protocols.Mcu;

/// <summary>A host's command, as it lies in the frame: valid as long as the frame. For emulated devices. Does not allocate.</summary>
public readonly ref struct McuCommand
{
    private readonly ReadOnlySpan<byte> _body;

    private McuCommand(ReadOnlySpan<byte> body) => _body = body;

    /// <summary>Reads a frame to a device with that many command interfaces. False where it is no such frame.</summary>
    public static bool TryDecode(McuFrame frame, int commands, out McuCommand command)
    {
        bool fits = frame.Type == McuMessage.Command && frame.Body.Length == McuProtocol.CommandLength(commands);
        command = fits ? new(frame.Body) : default;
        return fits;
    }

    /// <summary>Host time, us, wrapping.</summary>
    public uint HostTimeUs => BinaryPrimitives.ReadUInt32LittleEndian(_body);

    /// <summary>Raw command of command interface <paramref name="index"/> (from 0).</summary>
    public short Value(int index) => BinaryPrimitives.ReadInt16LittleEndian(_body[(McuProtocol.TimeLength + (2 * index))..]);
}
