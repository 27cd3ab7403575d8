namespace RobotRl.Hil.Pendulum.Tests;

/// <summary>The rig's own process.</summary>
public sealed class PendulumRigTests : RigTest
{
    [Fact]
    public void Control_UnknownOrWrongCommand_IsRefusedWithWhatThereIs()
    {
        Assert.Contains("there are status", Assert.Throws<RigException>(() => Rig.Control.Send("jump")).Message, StringComparison.Ordinal);
        Assert.Contains("corrupt RATE", Assert.Throws<RigException>(() => Rig.Control.Corrupt(2)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "set ANGLE VELOCITY",
            Assert.Throws<RigException>(() => Rig.Control.Send("set 1")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Push_ReleasedArm_SwingsAndComesToRest()
    {
        Rig.Control.Push(0.2, TimeSpan.FromMilliseconds(200));
        Assert.True(Waiting.Until(() => Rig.Control.Status().AngleRad > 0.3, Patience));
        Assert.True(
            Waiting.Until(
                () => Rig.Control.Status() is { VelocityRadS: 0 } status && Math.Abs(status.AngleRad) < 0.1,
                TimeSpan.FromSeconds(60)
            )
        );
    }

    [Fact]
    public void Clock_Paced_IsTheHosts()
    {
        RigStatus before = Rig.Control.Status();
        Thread.Sleep(500);
        RigStatus after = Rig.Control.Status();
        double mcu = (after.Cycle - before.Cycle) / RigTrace.CyclesPerSecond,
            host = (after.MonotonicNs - before.MonotonicNs) / 1e9;

        // Where the machine was too late the MCU's clock was moved, and that is counted.
        Assert.Equal(host, mcu + (after.Slipped - before.Slipped).TotalSeconds, 0.015);
    }

    [Fact]
    public void Dispose_Running_EndsTheProcessAndRemovesItsFiles()
    {
        string port,
            folder;
        using (PendulumRig rig = PendulumRig.Start())
        {
            (port, folder) = (rig.Port, Path.GetDirectoryName(rig.Port)!);
            Assert.True(Path.Exists(port));
        }

        Assert.False(Directory.Exists(folder));
    }
}
