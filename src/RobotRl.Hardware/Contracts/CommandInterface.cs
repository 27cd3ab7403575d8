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

    /// <summary>
    /// Name of the state that tells how hard this command's motor works (effort, load or current), or null where the robot
    /// reports none.
    /// </summary>
    public string? LoadState { get; init; }

    /// <summary>
    /// Magnitude of <see cref="LoadState"/> at the most that the motor may give, in that state's unit; null where unknown.
    /// </summary>
    public double? FullLoad { get; init; }

    /// <summary>
    /// Speed at which the device itself can be counted on to follow a position command, in the command's unit per second; null
    /// where unknown.
    /// </summary>
    public double? MaxSpeed { get; init; }

    /// <summary>
    /// Acceleration that the device itself puts into its moves, in the command's unit per second squared (velocity commands: per
    /// second); null where it puts in none.
    /// </summary>
    public double? MaxAcceleration { get; init; }

    /// <summary>
    /// Which limit kept in the device makes the range narrower than the options say, in a few words such as "registers 9 and 11
    /// of servo 3"; null if none does.
    /// </summary>
    public string? LimitedBy { get; init; }

    /// <summary>
    /// This command with no more than the range <paramref name="minimum"/> to <paramref name="maximum"/>, which
    /// <paramref name="by"/> allows; this one itself if that is not narrower.
    /// </summary>
    /// <remarks>A range that is empty comes out with its minimum above its maximum: the caller refuses it.</remarks>
    public CommandInterface Narrow(double minimum, double maximum, string by) =>
        minimum <= Minimum && maximum >= Maximum
            ? this
            : this with
            {
                Minimum = Math.Max(Minimum, minimum),
                Maximum = Math.Min(Maximum, maximum),
                LimitedBy = by,
            };
}
