using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Views;

/// <summary>Shows a session to the operator. Any thread.</summary>
internal interface IRunView : IProgress<RunProgress>, IDisposable
{
    /// <summary>Shows a line that stays.</summary>
    void WriteLine(string line);
}
