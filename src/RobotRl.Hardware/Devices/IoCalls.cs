using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Devices;

/// <summary>Calls from a lifecycle thread that the I/O thread does between two cycles. One caller at a time.</summary>
/// <remarks>A call that was given up is never done later, and what one ends with never answers another.</remarks>
/// <param name="robot">Name for messages.</param>
/// <param name="wake">Wakes the I/O thread.</param>
/// <param name="wait">For tests: waits for the end of a call, and returns whether it came. Null: waits on the real clock.</param>
internal sealed class IoCalls(string robot, AutoResetEvent wake, Func<Task, bool>? wait = null)
{
    // The longest action is a Feetech bus that connects again, about 19 s.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    private readonly Func<Task, bool> _wait = wait ?? (static ended => ended.Wait(AnswerLimit));
    private IoCall? _call;

    /// <summary>Has the I/O thread do it, and waits for it.</summary>
    /// <exception cref="RobotException">The call's own, or the I/O thread does not answer.</exception>
    public void Call(Action action)
    {
        var call = new IoCall(action);
        Volatile.Write(ref _call, call);
        wake.Set();
        if (!_wait(call.Ended))
        {
            if (call.TryAbandon())
            {
                throw new RobotException(
                    robot,
                    $"Robot {robot}: its I/O thread has not answered for {AnswerLimit.TotalSeconds} s; what was asked for was "
                        + $"not done, and will not be. Close it and open it again."
                );
            }

            if (!call.Ended.IsCompleted)
            {
                throw new RobotException(
                    robot,
                    $"Robot {robot}: its I/O thread began what was asked for, and has not ended it for "
                        + $"{AnswerLimit.TotalSeconds} s; it may still take effect. Close it and open it again."
                );
            }
        }

        if (call.Error is { } error)
        {
            throw new RobotException(robot, error.Message, error);
        }
    }

    /// <summary>I/O thread: does what is asked for.</summary>
    public void Serve() => Interlocked.Exchange(ref _call, null)?.Do();

    private sealed class IoCall(Action action)
    {
        private const int Waiting = 0,
            Taken = 1,
            Abandoned = 2;

        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _state = Waiting;

        public Task Ended => _ended.Task;

        /// <summary>What the action threw; to be read once it has ended.</summary>
        public Exception? Error { get; private set; }

        /// <summary>Gives it up; false where the I/O thread has begun it.</summary>
        public bool TryAbandon() => Interlocked.CompareExchange(ref _state, Abandoned, Waiting) == Waiting;

        public void Do()
        {
            if (Interlocked.CompareExchange(ref _state, Taken, Waiting) != Waiting)
            {
                return;
            }

            try
            {
                action();
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // Whatever it is belongs to the caller, not to the thread that can remove power.
                Error = error;
            }

            _ended.SetResult();
        }
    }
}
