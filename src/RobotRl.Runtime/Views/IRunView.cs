using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Views;

/// <summary>Shows a session to the operator. Any thread.</summary>
internal interface IRunView : IProgress<RunProgress>, IDisposable
{
    /// <summary>A line that is always in sight; null for none. Set before the session runs.</summary>
    string? Hint { set; }

    /// <summary>Shows a line that stays.</summary>
    void WriteLine(string line);
}
