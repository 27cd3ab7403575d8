namespace RobotRl.Hardware.Protocols.Mcu;

/// <summary>Writes the frames of the MCU protocol; <see cref="McuDecoder"/> reads them. Any thread; does not allocate.</summary>
/// <remarks>
/// Each method writes to the start of <c>destination</c> and returns the frame's length;
/// <see cref="McuProtocol.MaxFrameLength"/> bytes always suffice. It throws <see cref="ArgumentException"/> where it does not fit.
/// </remarks>
public static class McuCodec
{
    /// <summary>Host: who is there? The answer carries <paramref name="nonce"/>.</summary>
    public static int Hello(Span<byte> destination, ushort sequence, uint nonce, byte version = McuProtocol.Version)
    {
        var writer = new McuFrameWriter(McuMessage.Hello, sequence);
        writer.Put(version);
        writer.Put(nonce);
        return writer.Finish(destination);
    }

    /// <summary>Host: what is interface <paramref name="index"/>? States come first.</summary>
    public static int Describe(Span<byte> destination, ushort sequence, byte index)
    {
        var writer = new McuFrameWriter(McuMessage.Describe, sequence);
        writer.Put(index);
        return writer.Finish(destination);
    }

    /// <summary>Host: power on; the device stops by itself when no command comes for that long.</summary>
    public static int PowerOn(Span<byte> destination, ushort sequence, ushort commandTimeoutMs)
    {
        var writer = new McuFrameWriter(McuMessage.PowerOn, sequence);
        writer.Put(commandTimeoutMs);
        return writer.Finish(destination);
    }

    /// <summary>Host: a command, one raw value per command interface.</summary>
    public static int Command(Span<byte> destination, ushort sequence, uint hostTimeUs, ReadOnlySpan<short> commands)
    {
        var writer = new McuFrameWriter(McuMessage.Command, sequence);
        writer.Put(hostTimeUs);
        foreach (short command in commands)
        {
            writer.Put(command);
        }

        return writer.Finish(destination);
    }

    /// <summary>Host: a reading without a command; it does not restart the command timeout.</summary>
    public static int Read(Span<byte> destination, ushort sequence, uint hostTimeUs)
    {
        var writer = new McuFrameWriter(McuMessage.Read, sequence);
        writer.Put(hostTimeUs);
        return writer.Finish(destination);
    }

    /// <summary>Host: power off.</summary>
    public static int PowerOff(Span<byte> destination, ushort sequence) =>
        new McuFrameWriter(McuMessage.PowerOff, sequence).Finish(destination);

    /// <summary>Host: forget a fault.</summary>
    public static int ClearFault(Span<byte> destination, ushort sequence) =>
        new McuFrameWriter(McuMessage.ClearFault, sequence).Finish(destination);

    /// <summary>Device: what it is.</summary>
    public static int Capabilities(Span<byte> destination, ushort sequence, McuCapabilities capabilities)
    {
        ArgumentNullException.ThrowIfNull(capabilities);
        var writer = new McuFrameWriter(McuMessage.Capabilities, sequence);
        writer.Put(capabilities.ProtocolVersion);
        writer.Put(capabilities.Nonce);
        writer.Put(capabilities.FirmwareVersion);
        writer.Put(capabilities.DeviceKind);
        writer.Put(capabilities.BootId);
        writer.Put(capabilities.States);
        writer.Put(capabilities.Commands);
        writer.Put(capabilities.LeastTimeoutMs);
        writer.Put(capabilities.GreatestTimeoutMs);
        writer.Put(capabilities.CheckPeriodUs);
        writer.Put(capabilities.PwmPeriodUs);
        writer.PutName(capabilities.Name, McuProtocol.DeviceNameLength);
        return writer.Finish(destination);
    }

    /// <summary>Device: one of its interfaces.</summary>
    public static int Interface(Span<byte> destination, ushort sequence, McuInterface description)
    {
        ArgumentNullException.ThrowIfNull(description);
        var writer = new McuFrameWriter(McuMessage.Interface, sequence);
        writer.Put(description.Index);
        writer.Put((byte)description.Kind);
        writer.Put(description.LeastRaw);
        writer.Put(description.GreatestRaw);
        writer.Put(description.Scale);
        writer.PutName(description.Name, McuProtocol.InterfaceNameLength);
        return writer.Finish(destination);
    }

    /// <summary>Device: a reading.</summary>
    public static int State(
        Span<byte> destination,
        ushort sequence,
        uint hostTimeUs,
        uint deviceTimeUs,
        McuStatus flags,
        ushort badFrames,
        ReadOnlySpan<short> applied,
        ReadOnlySpan<int> values
    )
    {
        var writer = new McuFrameWriter(McuMessage.State, sequence);
        writer.Put(hostTimeUs);
        writer.Put(deviceTimeUs);
        writer.Put((ushort)flags);
        writer.Put(badFrames);
        foreach (short command in applied)
        {
            writer.Put(command);
        }

        foreach (int value in values)
        {
            writer.Put(value);
        }

        return writer.Finish(destination);
    }

    /// <summary>Device: no, and why.</summary>
    public static int Refused(Span<byte> destination, ushort sequence, McuRefusal reason)
    {
        var writer = new McuFrameWriter(McuMessage.Refused, sequence);
        writer.Put((byte)reason);
        return writer.Finish(destination);
    }
}
