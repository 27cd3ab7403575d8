using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Devices;

/// <summary>Calls from a lifecycle thread that the I/O thread does between two cycles. One caller at a time.</summary>
/// <param name="robot">Name for messages.</param>
/// <param name="wake">Wakes the I/O thread.</param>
internal sealed class IoCalls(string robot, AutoResetEvent wake) : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private readonly AutoResetEvent _answered = new(false);
    private volatile Action? _call;
    private volatile Exception? _error;

    /// <summary>Has the I/O thread do it, and waits for it.</summary>
    /// <exception cref="RobotException">The call's own, or the I/O thread does not answer.</exception>
    public void Call(Action action)
    {
        (_error, _call) = (null, action);
        wake.Set();
        if (!_answered.WaitOne(AnswerLimit))
        {
            throw new RobotException(robot, $"Robot {robot}: its I/O thread has not answered for {AnswerLimit.TotalSeconds} s. Close it and open it again.");
        }

        if (_error is { } error)
        {
            throw new RobotException(robot, error.Message, error);
        }
    }

    /// <summary>I/O thread: does what is asked for.</summary>
    public void Serve()
    {
        if (_call is not { } call)
        {
            return;
        }

        try
        {
            call();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Whatever it is belongs to the caller, not to the thread that can remove power.
            _error = error;
        }

        _call = null;
        _answered.Set();
    }

    public void Dispose() => _answered.Dispose();
}
