using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;

namespace RobotRl.Hardware.Tests.Devices;

/// <summary>Which call is answered by what, with waits that end when a test says so.</summary>
public sealed class IoCallsTests : IDisposable
{
    private readonly AutoResetEvent _wake = new(false);
    private int _done;

    public void Dispose() => _wake.Dispose();

    [Fact]
    public void Call_Served_IsDoneAndPassesItsErrorOn()
    {
        IoCalls? calls = null;
        calls = new("arm", _wake, ended =>
        {
            calls!.Serve();
            return ended.IsCompleted;
        });
        calls.Call(() => _done++);
        Assert.Equal(1, _done);
        Assert.Equal(
            "refused",
            Assert.Throws<RobotException>(() => calls.Call(() => throw new InvalidOperationException("refused"))).Message
        );
        calls.Call(() => _done++);
        Assert.Equal(2, _done);
    }

    [Fact]
    public void Call_TimedOut_IsNeverDone()
    {
        var calls = new IoCalls("arm", _wake, ended => ended.IsCompleted);
        Assert.Contains("was not done", Assert.Throws<RobotException>(() => calls.Call(() => _done++)).Message, StringComparison.Ordinal);
        calls.Serve();
        Assert.Equal(0, _done);
    }

    [Fact]
    public void Call_TimedOutWhileBeingDone_SaysSoAndDoesNotAnswerTheNext()
    {
        using var begun = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        Thread? io = null;
        IoCalls? calls = null;
        calls = new("arm", _wake, ended =>
        {
            if (io is null)
            {
                io = new(calls!.Serve) { IsBackground = true };
                io.Start();
                begun.Wait(TestContext.Current.CancellationToken);
                return false;
            }

            // The first call's end comes while the second waits.
            goOn.Set();
            io.Join();
            return ended.IsCompleted;
        });
        void First()
        {
            begun.Set();
            goOn.Wait(TestContext.Current.CancellationToken);
            throw new InvalidOperationException("refused late");
        }

        Assert.Contains("may still take effect", Assert.Throws<RobotException>(() => calls.Call(First)).Message, StringComparison.Ordinal);
        Assert.Contains("was not done", Assert.Throws<RobotException>(() => calls.Call(() => _done++)).Message, StringComparison.Ordinal);
        Assert.Equal(0, _done);
    }

    [Fact]
    public void Call_EndedAsTheWaitRanOut_IsAnswered()
    {
        IoCalls? calls = null;
        calls = new("arm", _wake, _ =>
        {
            calls!.Serve();
            return false;
        });
        calls.Call(() => _done++);
        Assert.Equal(1, _done);
    }
}
