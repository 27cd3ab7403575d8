namespace RobotRl.Runtime.Control;

/// <summary>An order that may take long: arming restarts servos where it must.</summary>
/// <param name="command">What is to be done.</param>
internal sealed class ControlOrder(ControlCommand command)
{
    private volatile bool _done;

    /// <summary>What is to be done.</summary>
    public ControlCommand Command => command;

    /// <summary>Whether it was done, or refused.</summary>
    public bool Done => _done;

    /// <summary>Why it was refused and what to do; null where it was done.</summary>
    public string? Error { get; private set; }

    /// <summary>Says how it went.</summary>
    public void Finish(string? error)
    {
        Error = error;
        _done = true;
    }
}
