namespace RobotRl.Hardware.Devices;

/// <summary>What is told of a lost link, while it lasts and after it.</summary>
/// <param name="Lost">While it is lost.</param>
/// <param name="Back">Once it is back.</param>
internal sealed record LinkLoss(string Lost, string Back)
{
    /// <summary>
    /// The loss of <paramref name="robot"/>'s link, told as <paramref name="lost"/>; a <paramref name="fault"/> that had stopped
    /// it before still stands, but for an earlier loss.
    /// </summary>
    public static LinkLoss Of(string robot, string? fault, string lost)
    {
        string back = $"Robot {robot}: the link was lost and is back, without power. Arm it to go on.";
        return fault is null || fault == back ? new(lost, back) : new($"{fault.TrimEnd('.')}. Its link is lost as well.", fault);
    }
}
