using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>
/// Finds at a connection which turn each joint is in, and what the servos' own limits leave of the command ranges. One thread.
/// </summary>
/// <param name="joints">The joints.</param>
/// <param name="link">The bus.</param>
/// <param name="error">Makes an exception of a sentence.</param>
internal sealed class FeetechRanges(FeetechJoint[] joints, FeetechLink link, Func<string, RobotException> error)
{
    private const int Tries = 5;

    private bool _found;

    /// <summary>The description with the ranges that hold: found at the first connection, and the same at every later one.</summary>
    /// <exception cref="RobotException">A joint is not at its home mark, its range is none, or it is another one than at the
    /// first connection.</exception>
    public RobotDescription Find(RobotDescription described)
    {
        var commands = new CommandInterface[joints.Length];
        for (int i = 0; i < commands.Length; i++)
        {
            FindTurn(joints[i]);
            (CommandInterface before, CommandInterface now) = (described.Commands[i], joints[i].Narrowed(out string? problem));
            if (problem is not null)
            {
                throw error(problem);
            }

            if (_found && now != before)
            {
                throw error(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{before.Name} may be commanded from {now.Minimum:0.###} to {now.Maximum:0.###} {now.Unit} now, and "
                            + $"from {before.Minimum:0.###} to {before.Maximum:0.###} when the robot was opened first: limits or "
                            + $"turns kept in servo {joints[i].Id} have changed. End the run and start it again."
                    )
                );
            }

            commands[i] = now;
        }

        _found = true;
        return commands.SequenceEqual(described.Commands) ? described : described with { Commands = [.. commands] };
    }

    /// <summary>A servo cannot be commanded through the end of its encoder's turn.</summary>
    /// <exception cref="RobotException">A calibrated range goes through it.</exception>
    public static void RequireNoSeam(FeetechJoint[] joints, string? calibration)
    {
        string? problem = joints
            .Where(j => !j.IsVelocity)
            .Select(j => j.Calibration.SeamProblem($"joint {j.Name} of {calibration}"))
            .FirstOrDefault(p => p is not null);
        if (problem is not null)
        {
            throw new RobotException(FeetechBusDevice.Kind, $"Robot {FeetechBusDevice.Kind}: {problem}");
        }
    }

    private void FindTurn(FeetechJoint joint)
    {
        int ticks = 0;
        bool read = false;
        for (int attempt = 0; attempt < Tries && !read; attempt++)
        {
            read = link.TryRead(joint.Id, FeetechTable.PresentPosition, out ticks);
        }

        if (!read)
        {
            throw error($"servo {joint.Id} ({joint.Name}) does not tell its position. Check cables and supply.");
        }

        if (!joint.TryFindTurn(ticks, out double angle))
        {
            throw error(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"joint {joint.Name} seems to be at {angle:0.##} rad, away from its home mark at "
                        + $"{joint.Calibration.HomeRad:0.##} rad. Put it there by hand, then open the robot again."
                )
            );
        }
    }
}
