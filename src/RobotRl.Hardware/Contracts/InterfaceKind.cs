namespace RobotRl.Hardware.Contracts;

/// <summary>The physical quantity of a state or command interface.</summary>
public enum InterfaceKind
{
    /// <summary>Joint or cart position.</summary>
    Position,

    /// <summary>Joint or cart velocity.</summary>
    Velocity,

    /// <summary>Torque or force.</summary>
    Effort,

    /// <summary>Motor current.</summary>
    Current,

    /// <summary>Supply voltage.</summary>
    Voltage,

    /// <summary>Temperature.</summary>
    Temperature,
}
