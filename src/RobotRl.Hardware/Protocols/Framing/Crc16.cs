namespace RobotRl.Hardware.Protocols.Framing;

/// <summary>
/// CRC-16 of the Dynamixel protocol 2.0: polynomial 0x8005, initial value 0, not reflected, no final XOR
/// (ROBOTIS e-manual, "CRC Calculation"). Any thread; does not allocate.
/// </summary>
public static class Crc16
{
    private const int Polynomial = 0x8005;
    private static readonly ushort[] Table = MakeTable();

    /// <summary>Checksum of <paramref name="bytes"/>; of "123456789" it is 0xFEE8.</summary>
    public static ushort Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>Goes on from <paramref name="crc"/>, the checksum of what came before.</summary>
    public static ushort Append(ushort crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            crc = (ushort)((crc << 8) ^ Table[(crc >> 8) ^ b]);
        }

        return crc;
    }

    private static ushort[] MakeTable()
    {
        var table = new ushort[256];
        for (int i = 0; i < table.Length; i++)
        {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ Polynomial : crc << 1;
            }

            table[i] = (ushort)crc;
        }

        return table;
    }
}
