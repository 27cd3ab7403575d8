using System.Buffers.Binary;

namespace RobotRl.Hardware.Protocols.Mcu;

/// <summary>A device's reading, as it lies in the frame: valid as long as the frame. Does not allocate.</summary>
public readonly ref struct McuState
{
    private readonly ReadOnlySpan<byte> _body;
    private readonly int _commands;

    private McuState(ReadOnlySpan<byte> body, int commands)
    {
        _body = body;
        _commands = commands;
    }

    /// <summary>Reads a frame of a device with that many interfaces. False where it is no such frame, or of another device.</summary>
    public static bool TryDecode(McuFrame frame, int commands, int states, out McuState state)
    {
        bool fits = frame.Type == McuMessage.State && frame.Body.Length == McuProtocol.StateLength(commands, states);
        state = fits ? new(frame.Body, commands) : default;
        return fits;
    }

    /// <summary>Host time of the request, us, wrapping; 0 where the request carries none.</summary>
    public uint HostTimeUs => BinaryPrimitives.ReadUInt32LittleEndian(_body);

    /// <summary>Device time of the reading, us, wrapping.</summary>
    public uint DeviceTimeUs => BinaryPrimitives.ReadUInt32LittleEndian(_body[4..]);

    /// <summary>Power and faults.</summary>
    public McuStatus Flags => (McuStatus)BinaryPrimitives.ReadUInt16LittleEndian(_body[8..]);

    /// <summary>Frames that the device dropped, wrapping.</summary>
    public ushort BadFrames => BinaryPrimitives.ReadUInt16LittleEndian(_body[10..]);

    /// <summary>Raw command that acts now on command interface <paramref name="index"/> (from 0).</summary>
    public short Applied(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_commands, nameof(index));
        return BinaryPrimitives.ReadInt16LittleEndian(_body[(McuProtocol.StateHeadLength + (2 * index))..]);
    }

    /// <summary>Raw value of state interface <paramref name="index"/> (from 0).</summary>
    public int Value(int index) =>
        BinaryPrimitives.ReadInt32LittleEndian(_body[(McuProtocol.StateHeadLength + (2 * _commands) + (4 * index))..]);
}
