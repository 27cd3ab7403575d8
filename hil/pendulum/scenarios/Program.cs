using System.Globalization;
using System.Text.Json;

namespace RobotRl.Hil.Pendulum;

/// <summary>Prints the table of stops; or is the commanding process of a scenario.</summary>
public static class Program
{
    private const string Usage = "Usage: RobotRl.Hil.Pendulum stops [--runs N] [--json]   (ROBOTRL_HIL_PORT=/dev/ttyACM0 for a real rig)";

    /// <summary>Exit codes: 0 done, 1 a stop was too late or could not be measured, 2 bad input.</summary>
    public static int Main(string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        if (Commander.IsAsked(arguments))
        {
            return Commander.Run(arguments[1], shared: arguments.Length > 2, Console.Out, Console.Error);
        }

        int runs = 5;
        int at = Array.IndexOf(arguments, "--runs");
        bool known = arguments.All(a => a is "stops" or "--json" or "--runs" || char.IsAsciiDigit(a[0]));
        if (
            !known
            || arguments is not ["stops", ..]
            || (
                at >= 0
                && (at + 1 >= arguments.Length || !int.TryParse(arguments[at + 1], CultureInfo.InvariantCulture, out runs) || runs < 1)
            )
        )
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        try
        {
            return Measure(runs, arguments.Contains("--json"));
        }
        catch (RigException problem)
        {
            Console.Error.WriteLine(problem.Message);
            return 1;
        }
    }

    private static int Measure(int runs, bool json)
    {
        IReadOnlyList<StopMeasurement> measured = StopRuns.Measure(runs, Console.Error);
        Console.Out.WriteLine(
            json
                ? JsonSerializer.Serialize(
                    measured.Select(m => new
                    {
                        m.Scenario,
                        SinceLastCommandMs = m.SinceLastCommand?.TotalMilliseconds,
                        SinceFaultMs = m.SinceFault.TotalMilliseconds,
                        BoundMs = m.Bound.TotalMilliseconds,
                        m.InTime,
                    })
                )
                : StopTable.Format(measured).TrimEnd()
        );
        return StopRuns.InTime(measured) ? 0 : 1;
    }
}
