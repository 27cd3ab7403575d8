using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// Several lockstep loops whose learners share something (the workers of A3C): in turn on one thread, one step each, which is
/// deterministic.
/// </summary>
/// <remarks>Each loop has its own robot, gate, learner and admission; the loops stay their owner's.</remarks>
public sealed class LockstepFleet
{
    private readonly LockstepLoop[] _loops;

    /// <summary>Joins the loops; nothing is opened.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public LockstepFleet(IEnumerable<LockstepLoop> loops)
    {
        _loops = [.. loops];
        if (_loops.Length == 0)
        {
            throw new ArgumentException("A fleet needs at least one loop.", nameof(loops));
        }
    }

    /// <summary>Starts all, in order; null on success, else why the first that was refused was.</summary>
    public string? Start() => _loops.Select(loop => loop.Start()).FirstOrDefault(refusal => refusal is not null);

    /// <summary>One tick of each, in order; the most severe of what their failsafes ask for.</summary>
    public FailsafeAction Step()
    {
        FailsafeAction worst = FailsafeAction.None;
        foreach (LockstepLoop loop in _loops)
        {
            FailsafeAction action = loop.Step();
            worst = action > worst ? action : worst;
        }

        return worst;
    }
}
