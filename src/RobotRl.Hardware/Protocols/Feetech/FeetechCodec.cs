namespace RobotRl.Hardware.Protocols.Feetech;

/// <summary>
/// Writes the packets of the Feetech STS protocol; <see cref="FeetechDecoder"/> reads them. Any thread; does not allocate.
/// </summary>
/// <remarks>
/// Each method writes to the start of <c>destination</c> and returns the packet's length; it throws
/// <see cref="ArgumentException"/> where the packet does not fit.
/// </remarks>
public static class FeetechCodec
{
    /// <summary>Asks whether servo <paramref name="id"/> is there.</summary>
    public static int Ping(Span<byte> destination, byte id) =>
        Finish(destination, Begin(destination, id, (byte)FeetechInstruction.Ping, 0));

    /// <summary>Reads one register.</summary>
    public static int Read(Span<byte> destination, byte id, FeetechRegister register) =>
        Read(destination, id, register.Address, register.Size);

    /// <summary>Reads <paramref name="length"/> bytes from <paramref name="address"/>.</summary>
    public static int Read(Span<byte> destination, byte id, byte address, byte length)
    {
        Span<byte> parameters = Begin(destination, id, (byte)FeetechInstruction.Read, 2);
        (parameters[0], parameters[1]) = (address, length);
        return Finish(destination, parameters);
    }

    /// <summary>Writes one register.</summary>
    public static int Write(Span<byte> destination, byte id, FeetechRegister register, int value)
    {
        Span<byte> parameters = Begin(destination, id, (byte)FeetechInstruction.Write, 1 + register.Size);
        parameters[0] = register.Address;
        register.Encode(value, parameters[1..]);
        return Finish(destination, parameters);
    }

    /// <summary>Writes bytes from <paramref name="address"/> on.</summary>
    public static int Write(Span<byte> destination, byte id, byte address, ReadOnlySpan<byte> data)
    {
        Span<byte> parameters = Begin(destination, id, (byte)FeetechInstruction.Write, 1 + data.Length);
        parameters[0] = address;
        data.CopyTo(parameters[1..]);
        return Finish(destination, parameters);
    }

    /// <summary>Writes one register when <see cref="Action"/> comes.</summary>
    public static int RegWrite(Span<byte> destination, byte id, FeetechRegister register, int value)
    {
        Span<byte> parameters = Begin(destination, id, (byte)FeetechInstruction.RegWrite, 1 + register.Size);
        parameters[0] = register.Address;
        register.Encode(value, parameters[1..]);
        return Finish(destination, parameters);
    }

    /// <summary>Does what <see cref="RegWrite"/> left; for all servos with the broadcast id.</summary>
    public static int Action(Span<byte> destination, byte id) =>
        Finish(destination, Begin(destination, id, (byte)FeetechInstruction.Action, 0));

    /// <summary>Reads <paramref name="length"/> bytes from <paramref name="address"/> of each of <paramref name="ids"/>.</summary>
    public static int SyncRead(Span<byte> destination, byte address, byte length, ReadOnlySpan<byte> ids)
    {
        Span<byte> parameters = Begin(destination, FeetechProtocol.BroadcastId, (byte)FeetechInstruction.SyncRead, 2 + ids.Length);
        (parameters[0], parameters[1]) = (address, length);
        ids.CopyTo(parameters[2..]);
        return Finish(destination, parameters);
    }

    /// <summary>Writes <paramref name="register"/> of each of <paramref name="ids"/> to the value at the same place.</summary>
    /// <exception cref="ArgumentException">Not as many values as ids, or it does not fit.</exception>
    public static int SyncWrite(Span<byte> destination, FeetechRegister register, ReadOnlySpan<byte> ids, ReadOnlySpan<int> values)
    {
        if (ids.Length != values.Length)
        {
            throw new ArgumentException($"{values.Length} values for {ids.Length} ids; allowed: one each.", nameof(values));
        }

        int each = 1 + register.Size;
        Span<byte> parameters = Begin(
            destination,
            FeetechProtocol.BroadcastId,
            (byte)FeetechInstruction.SyncWrite,
            2 + (ids.Length * each)
        );
        (parameters[0], parameters[1]) = (register.Address, register.Size);
        for (int i = 0; i < ids.Length; i++)
        {
            Span<byte> one = parameters.Slice(2 + (i * each), each);
            one[0] = ids[i];
            register.Encode(values[i], one[1..]);
        }

        return Finish(destination, parameters);
    }

    /// <summary>A servo's answer.</summary>
    public static int Status(Span<byte> destination, byte id, FeetechErrors errors, ReadOnlySpan<byte> data)
    {
        Span<byte> parameters = Begin(destination, id, (byte)errors, data.Length);
        data.CopyTo(parameters);
        return Finish(destination, parameters);
    }

    private static Span<byte> Begin(Span<byte> destination, byte id, byte instructionOrError, int parameters)
    {
        if (id == FeetechProtocol.HeaderByte)
        {
            throw new ArgumentException(
                $"Feetech id {id}; allowed: 0 to {FeetechProtocol.MaxId}, or {FeetechProtocol.BroadcastId} for all.",
                nameof(id)
            );
        }

        if (parameters > FeetechProtocol.MaxParameters || destination.Length < parameters + FeetechProtocol.Overhead)
        {
            throw new ArgumentException(
                $"A Feetech packet with {parameters} parameters does not fit into {destination.Length} bytes; allowed: "
                    + $"{FeetechProtocol.MaxParameters} parameters.",
                nameof(destination)
            );
        }

        destination[..FeetechProtocol.IdAt].Fill(FeetechProtocol.HeaderByte);
        destination[FeetechProtocol.IdAt] = id;
        destination[FeetechProtocol.LengthAt] = (byte)(parameters + 2);
        destination[FeetechProtocol.InstructionAt] = instructionOrError;
        return destination.Slice(FeetechProtocol.ParametersAt, parameters);
    }

    private static int Finish(Span<byte> destination, ReadOnlySpan<byte> parameters)
    {
        int end = FeetechProtocol.ParametersAt + parameters.Length;
        destination[end] = FeetechProtocol.Checksum(destination[FeetechProtocol.IdAt..end]);
        return end + 1;
    }
}
