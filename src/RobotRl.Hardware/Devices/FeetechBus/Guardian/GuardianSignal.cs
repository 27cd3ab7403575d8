namespace RobotRl.Hardware.Devices.FeetechBus.Guardian;

/// <summary>Bytes between runtime and guardian.</summary>
internal static class GuardianSignal
{
    /// <summary>Guardian: it watches.</summary>
    public const byte Ready = (byte)'R';

    /// <summary>Guardian: a sign of life was heard.</summary>
    public const byte Heard = (byte)'h';

    /// <summary>Runtime: alive, servos without torque.</summary>
    public const byte Idle = (byte)'i';

    /// <summary>Runtime: alive, servos under torque. The newest checked positions follow (<see cref="CheckedPositions.Write"/>).</summary>
    public const byte Powered = (byte)'p';

    /// <summary>Runtime: the end, in order.</summary>
    public const byte End = (byte)'e';
}
