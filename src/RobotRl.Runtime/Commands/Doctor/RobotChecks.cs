using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Transports;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;

namespace RobotRl.Runtime.Commands.Doctor;

/// <summary>Whether the robot opens and reads, and fits its task and limits. It is never powered here.</summary>
internal static class RobotChecks
{
    public static IEnumerable<CheckResult> All(CommandContext context, RobotRlOptions options)
    {
        try
        {
            string task = new RunPlanner(context).Resolve(options, learns: true).Name;
            return
            [
                new CheckResult("task and limits", CheckState.Ok, $"task {task} and all limits fit robot {options.Robot.Name}"),
                .. options.Robot.Unused("Robot").Select(u => new CheckResult("options", CheckState.Advice, u, "Remove it, or leave it for later.")),
                Open(context, options.Robot),
            ];
        }
        catch (OptionsException e)
        {
            return [.. e.Problems.Select(p => new CheckResult("task and limits", CheckState.Missing, p, "Correct the options."))];
        }
    }

    private static CheckResult Open(CommandContext context, RobotOptions options)
    {
        using IRobot robot = context.Robots.Create(options);
        string name = options.Name;
        try
        {
            robot.Open();
            double[] state = new double[robot.Description.States.Length];
            ReadResult read = robot.Read(state);
            string values = string.Join(", ", robot.Description.States.Select((s, i) => string.Create(CultureInfo.InvariantCulture, $"{s.Name} {state[i]:G4} {s.Unit}")));
            robot.Close();
            return read.Status is IoStatus.Ok or IoStatus.NotFresh
                ? new CheckResult("robot", CheckState.Ok, $"{name} opens and reads: {values}")
                : new CheckResult("robot", CheckState.Missing, $"{name} opens, but reading says {read.Status}", "Check its power and its connection.");
        }
        catch (Exception e) when (e is RobotException or TransportException)
        {
            return new CheckResult("robot", CheckState.Missing, e.Message, "Check its power and its connection.");
        }
    }
}
