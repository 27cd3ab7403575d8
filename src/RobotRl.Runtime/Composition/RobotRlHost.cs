namespace RobotRl.Runtime.Composition;

/// <summary>
/// The way in for a program of one's own: <c>return RobotRlHost.CreateBuilder(args).AddRobot(...).AddTask(...).Build().Run();</c>
/// </summary>
public static class RobotRlHost
{
    /// <summary>A builder with the built-in robots and tasks, for the command line <paramref name="arguments"/>.</summary>
    public static RobotRlHostBuilder CreateBuilder(params IReadOnlyList<string> arguments) => new(arguments);
}
