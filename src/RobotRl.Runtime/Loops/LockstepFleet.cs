using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// Several lockstep loops whose learners share something (the workers of A3C): in turn on one thread, one step each, which is deterministic; or each on a
/// thread of its own.
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

    /// <summary>
    /// Runs each loop on a thread of its own for <paramref name="ticks"/> ticks, or until its failsafe stops it, and waits for all. An exception of one is
    /// thrown here after the others have ended.
    /// </summary>
    /// <returns>The most severe of what their failsafes asked for at the end.</returns>
    public FailsafeAction RunInParallel(long ticks)
    {
        var ends = new FailsafeAction[_loops.Length];
        var failures = new Exception?[_loops.Length];
        Thread[] threads = [.. _loops.Select((loop, i) => new Thread(() =>
        {
            try
            {
                for (long tick = 0; tick < ticks && ends[i] < FailsafeAction.ControlledStop; tick++)
                {
                    ends[i] = loop.Step();
                }
            }
            catch (Exception exception)
            {
                failures[i] = exception;
            }
        })
        { IsBackground = true, Name = $"worker {i}" })];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        return failures.FirstOrDefault(f => f is not null) is { } failure
            ? throw new InvalidOperationException($"A worker failed: {failure.Message}", failure)
            : ends.Max();
    }
}
