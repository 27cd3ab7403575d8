using RobotRl.Hardware.Contracts;

namespace RobotRl.Runtime.Policies;

/// <summary>A robot's state or command as a policy file knows it.</summary>
/// <param name="Name">Joint and quantity.</param>
/// <param name="Kind">Which quantity.</param>
/// <param name="Unit">SI unit.</param>
/// <param name="Minimum">Least value; of a command, what the action -1 or the task's scaling refers to.</param>
/// <param name="Maximum">Greatest value.</param>
public sealed record PolicyInterface(string Name, InterfaceKind Kind, string Unit, double Minimum, double Maximum);
