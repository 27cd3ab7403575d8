using Microsoft.Extensions.Logging;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Composition;

/// <summary>Makes sessions from plans.</summary>
public interface ISessionFactory
{
    /// <summary>Makes the session that <paramref name="plan"/> describes. The run directory is made here, after every check.</summary>
    /// <exception cref="BadInputException">The plan does not fit: a policy for another robot, another process on the run, nothing
    /// to resume, a read-only directory.</exception>
    IRunSession Create(SessionPlan plan, ILoggerFactory loggers);
}
