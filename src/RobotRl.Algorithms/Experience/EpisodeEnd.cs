namespace RobotRl.Algorithms.Experience;

/// <summary>How a transition ended its episode. Where several hold, the termination wins.</summary>
public enum EpisodeEnd : byte
{
    /// <summary>The episode goes on.</summary>
    None = 0,

    /// <summary>The task's own end: the only one after which nothing is bootstrapped.</summary>
    Terminated = 1,

    /// <summary>A time limit: the next state's value still counts.</summary>
    Truncated = 2,

    /// <summary>A fault or an emergency stop: the next state's value still counts.</summary>
    Fault = 3,

    /// <summary>A person took over: the next state's value still counts.</summary>
    Takeover = 4,
}
