using System.Globalization;
using System.Text;
using RobotRl.Hardware.Emulation;

namespace RobotRl.Runtime.Commands.Emulate;

/// <summary>What a user must know to drive an emulated bus: the options file, ready to be copied.</summary>
internal static class ServoBusHints
{
    /// <summary>
    /// An options file for a bus whose joints are called joint1, joint2, ...; <paramref name="more"/> goes to each servo.
    /// </summary>
    public static string OptionsFor(string robot, string section, string port, IEnumerable<EmulatedServo> servos, string more = "")
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{{ \"Robot\": {{ \"Name\": \"{robot}\", \"{section}\": {{");
        text.AppendLine(CultureInfo.InvariantCulture, $"    \"Serial\": {{ \"Port\": \"{port}\" }},");
        text.AppendLine("    \"Servos\": {");
        text.AppendJoin($",{Environment.NewLine}", servos.Select(s => $"      \"joint{s.Id}\": {{ \"Id\": {s.Id}{more} }}"));
        text.Append(CultureInfo.InvariantCulture, $" }} }} }} }}");
        return text.ToString();
    }

    /// <summary>The lines printed at the start.</summary>
    public static IEnumerable<string> For(string what, string robot, string section, string port, ServoBusEmulator bus, string more = "")
    {
        yield return $"{bus.Servos.Count} {what} (ids 1 to {bus.Servos.Count}) answer on {port}. Ctrl-C ends it.";
        yield return "Options to drive them with, for a file such as arm.json:";
        yield return OptionsFor(robot, section, port, bus.Servos, more);
        yield return "Commands on standard input:";
        yield return FaultCommands.Usage;
    }
}
