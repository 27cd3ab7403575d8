namespace RobotRl.Hardware.Protocols.Mcu;

/// <summary>Facts of the MCU protocol; the README beside this file is its definition.</summary>
public static class McuProtocol
{
    /// <summary>The version spoken here.</summary>
    public const byte Version = 1;

    /// <summary>Bytes of the longest payload: a frame of 254 bytes before COBS, less the checksum.</summary>
    public const int MaxPayloadLength = 254 - CrcLength;

    /// <summary>Bytes on the line of the longest frame: COBS adds one, the zero another.</summary>
    public const int MaxFrameLength = 254 + 2;

    /// <summary>Length of a device's name, UTF-8.</summary>
    public const int DeviceNameLength = 16;

    /// <summary>Length of an interface's name, UTF-8.</summary>
    public const int InterfaceNameLength = 20;

    internal const int HeaderLength = 3,
        CrcLength = 4,
        TimeLength = 4,
        StateHeadLength = 12;
    internal const int CapabilitiesLength = 21 + DeviceNameLength,
        InterfaceLength = 10 + InterfaceNameLength;

    /// <summary>Bytes of the body of a command to <paramref name="commands"/> interfaces.</summary>
    public static int CommandLength(int commands) => TimeLength + (2 * commands);

    /// <summary>
    /// Bytes of the body of a state with <paramref name="commands"/> applied commands and <paramref name="states"/> values.
    /// </summary>
    public static int StateLength(int commands, int states) => StateHeadLength + (2 * commands) + (4 * states);

    /// <summary>Whether <paramref name="sequence"/> comes after <paramref name="last"/>: 1 to 32,767 ahead, wrapping.</summary>
    public static bool IsNewer(ushort sequence, ushort last) => (short)(sequence - last) > 0;

    /// <summary>
    /// Whether a body of that type may have that length. The lengths of commands and states depend on the device: any that fits a
    /// whole number of interfaces.
    /// </summary>
    internal static bool FitsLength(McuMessage type, int length) =>
        type switch
        {
            McuMessage.Hello => length == 5,
            McuMessage.Describe or McuMessage.Refused => length == 1,
            McuMessage.PowerOn => length == 2,
            McuMessage.Command => length > TimeLength && (length - TimeLength) % 2 == 0,
            McuMessage.Read => length == TimeLength,
            McuMessage.PowerOff or McuMessage.ClearFault => length == 0,
            McuMessage.Capabilities => length == CapabilitiesLength,
            McuMessage.Interface => length == InterfaceLength,
            McuMessage.State => length >= StateHeadLength && (length - StateHeadLength) % 2 == 0,
            _ => false,
        };
}
