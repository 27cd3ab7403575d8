namespace RobotRl.Hardware.Protocols.Dynamixel;

/// <summary>
/// Writes the packets of the Dynamixel protocol 2.0; <see cref="DynamixelDecoder"/> reads them. Any thread; does not allocate.
/// </summary>
/// <remarks>
/// Each method writes to the start of <c>destination</c> and returns the packet's length; it throws
/// <see cref="ArgumentException"/> where the packet does not fit.
/// </remarks>
public static class DynamixelCodec
{
    /// <summary>Asks servo <paramref name="id"/> (or all, by the broadcast id) for model and firmware.</summary>
    public static int Ping(Span<byte> destination, byte id) => Bare(destination, id, DynamixelInstruction.Ping);

    /// <summary>Restarts a servo, which clears its hardware errors and switches torque off. It answers, then is away for a while.</summary>
    public static int Reboot(Span<byte> destination, byte id) => Bare(destination, id, DynamixelInstruction.Reboot);

    /// <summary>Reads one register.</summary>
    public static int Read(Span<byte> destination, byte id, DynamixelRegister register) =>
        Read(destination, id, register.Address, register.Size);

    /// <summary>Reads <paramref name="length"/> bytes from <paramref name="address"/>.</summary>
    public static int Read(Span<byte> destination, byte id, ushort address, ushort length)
    {
        var writer = new DynamixelPacketWriter(destination, id, DynamixelInstruction.Read);
        writer.PutUInt16(address);
        writer.PutUInt16(length);
        return writer.Finish();
    }

    /// <summary>Writes one register.</summary>
    public static int Write(Span<byte> destination, byte id, DynamixelRegister register, int value)
    {
        var writer = new DynamixelPacketWriter(destination, id, DynamixelInstruction.Write);
        writer.PutUInt16(register.Address);
        writer.PutValue(register, value);
        return writer.Finish();
    }

    /// <summary>Writes bytes from <paramref name="address"/> on.</summary>
    public static int Write(Span<byte> destination, byte id, ushort address, ReadOnlySpan<byte> data)
    {
        var writer = new DynamixelPacketWriter(destination, id, DynamixelInstruction.Write);
        writer.PutUInt16(address);
        writer.Put(data);
        return writer.Finish();
    }

    /// <summary>Reads <paramref name="length"/> bytes from <paramref name="address"/> of each of <paramref name="ids"/>.</summary>
    public static int SyncRead(Span<byte> destination, ushort address, ushort length, ReadOnlySpan<byte> ids)
    {
        var writer = new DynamixelPacketWriter(destination, DynamixelProtocol.BroadcastId, DynamixelInstruction.SyncRead);
        writer.PutUInt16(address);
        writer.PutUInt16(length);
        writer.Put(ids);
        return writer.Finish();
    }

    /// <summary>Writes <paramref name="register"/> of each of <paramref name="ids"/> to the value at the same place.</summary>
    /// <exception cref="ArgumentException">Not as many values as ids, or it does not fit.</exception>
    public static int SyncWrite(Span<byte> destination, DynamixelRegister register, ReadOnlySpan<byte> ids, ReadOnlySpan<int> values)
    {
        if (ids.Length != values.Length)
        {
            throw new ArgumentException($"{values.Length} values for {ids.Length} ids; allowed: one each.", nameof(values));
        }

        var writer = new DynamixelPacketWriter(destination, DynamixelProtocol.BroadcastId, DynamixelInstruction.SyncWrite);
        writer.PutUInt16(register.Address);
        writer.PutUInt16(register.Size);
        for (int i = 0; i < ids.Length; i++)
        {
            writer.Put(ids[i]);
            writer.PutValue(register, values[i]);
        }

        return writer.Finish();
    }

    /// <summary>A servo's answer.</summary>
    public static int Status(Span<byte> destination, byte id, byte error, ReadOnlySpan<byte> parameters)
    {
        var writer = new DynamixelPacketWriter(destination, id, DynamixelInstruction.Status);
        writer.Put(error);
        writer.Put(parameters);
        return writer.Finish();
    }

    private static int Bare(Span<byte> destination, byte id, DynamixelInstruction instruction) =>
        new DynamixelPacketWriter(destination, id, instruction).Finish();
}
