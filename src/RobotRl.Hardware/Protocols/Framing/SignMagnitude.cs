namespace RobotRl.Hardware.Protocols.Framing;

/// <summary>Numbers whose sign is a bit of its own, as Feetech servos store them. Does not allocate.</summary>
public static class SignMagnitude
{
    /// <summary>
    /// Encodes <paramref name="value"/> with the sign in bit <paramref name="signBit"/>; what does not fit becomes the greatest
    /// that does.
    /// </summary>
    public static ushort Encode(int value, int signBit)
    {
        int greatest = (1 << signBit) - 1;
        return value < 0 ? (ushort)((1 << signBit) | (value < -greatest ? greatest : -value)) : (ushort)Math.Min(value, greatest);
    }

    /// <summary>The value of <paramref name="raw"/>; bits above <paramref name="signBit"/> are ignored.</summary>
    public static int Decode(ushort raw, int signBit)
    {
        int magnitude = raw & ((1 << signBit) - 1);
        return ((raw >> signBit) & 1) != 0 ? -magnitude : magnitude;
    }
}
