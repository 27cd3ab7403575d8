namespace RobotRl.Hardware.Emulation;

/// <summary>What hangs on an emulated servo.</summary>
public sealed record EmulatedLoad
{
    /// <summary>Inertia, kg m^2, seen at the horn. Default 0.001: a link of 100 g and 17 cm, rotor included.</summary>
    public double Inertia { get; init; } = 0.001;

    /// <summary>Torque of gravity with the link level, N m; it pulls away from 0 rad. Default 0: it turns about a vertical axis.</summary>
    public double GravityNm { get; init; }

    /// <summary>Friction that does not depend on speed, N m. Default 0.02.</summary>
    public double CoulombNm { get; init; } = 0.02;

    /// <summary>Friction that grows with speed, N m s/rad. Default 0.002.</summary>
    public double ViscousNmPerRadPerSecond { get; init; } = 0.002;
}
