namespace RobotRl.Hardware.Contracts;

/// <summary>A named quantity that a robot can be told.</summary>
/// <param name="Name">Joint and quantity, such as <c>pole/effort</c>; unique among the robot's commands.</param>
/// <param name="Kind">Which quantity: position, velocity or effort.</param>
/// <param name="Unit">SI unit.</param>
/// <param name="Minimum">Least value the hardware accepts.</param>
/// <param name="Maximum">Greatest value the hardware accepts.</param>
/// <param name="SafeValue">What is written when motion must cease: zero for effort and velocity; unused for position, which holds.</param>
public sealed record CommandInterface(string Name, InterfaceKind Kind, string Unit, double Minimum, double Maximum, double SafeValue)
{
    /// <summary>Name of the state with the position that this command moves, or null where the robot reports none.</summary>
    public string? PositionState { get; init; }

    /// <summary>Name of the state with the velocity that this command moves, or null where the robot reports none.</summary>
    public string? VelocityState { get; init; }
}
