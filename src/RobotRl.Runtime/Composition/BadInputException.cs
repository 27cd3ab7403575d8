namespace RobotRl.Runtime.Composition;

/// <summary>What was asked for cannot be done as asked: exit code 2, nothing was touched. The message says what to change.</summary>
public sealed class BadInputException : Exception
{
    /// <summary>Says what is wrong and what to do.</summary>
    public BadInputException(string message, Exception? inner = null)
        : base(message, inner) { }
}
