namespace RobotRl.Hil.Pendulum;

/// <summary>Direction on the rig's serial line.</summary>
public enum LineDirection
{
    /// <summary>Both.</summary>
    Both,

    /// <summary>Host to MCU.</summary>
    ToMcu,

    /// <summary>MCU to host.</summary>
    ToHost,
}
