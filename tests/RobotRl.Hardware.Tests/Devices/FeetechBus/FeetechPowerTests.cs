using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus;

/// <summary>How torque is taken away from an arm that it holds up.</summary>
public sealed class FeetechPowerTests
{
    [Fact]
    public void Connect_TorqueIsOn_TakesItAwayLittleByLittle()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        rig.Cycle(0.5, 0, 0);
        rig.Device.Disconnect();
        Assert.All(rig.Bus.Servos, s => Assert.True(s.IsTorqueOn));
        var limits = new List<double>();
        Action serve = rig.Near.Written!;
        rig.Near.Written = () =>
        {
            serve();
            if (rig.Bus.Servo(1).IsTorqueOn)
            {
                limits.Add(rig.Bus.Servo(1).TorqueLimit);
            }
        };
        DateTimeOffset before = rig.Time.GetUtcNow();
        rig.Device.Connect();
        Assert.InRange(rig.Time.GetUtcNow() - before, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));
        Assert.All(rig.Bus.Servos, s => Assert.False(s.IsTorqueOn));
        Assert.Equal(limits.OrderDescending(), limits);
        Assert.True(limits.Distinct().Count() > 90, "The torque limit must fall in small steps.");
        Assert.Equal(0, limits[^1]);
    }

    [Fact]
    public void Connect_TorqueIsOn_PowerOffAskedForMeanwhile_TakesItAwayAtOnce()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        rig.Cycle(0.5, 0, 0);
        rig.Device.Disconnect();
        DateTimeOffset before = rig.Time.GetUtcNow();
        Action serve = rig.Near.Written!;
        rig.Near.Written = () =>
        {
            serve();
            if (rig.Bus.Servo(1) is { IsTorqueOn: true, TorqueLimit: < 0.9 })
            {
                rig.Device.Hurry();
            }
        };
        rig.Device.Connect();
        Assert.True(rig.Time.GetUtcNow() - before < TimeSpan.FromSeconds(1), "The let-down must end where power off is asked for.");
        Assert.All(rig.Bus.Servos, s => Assert.False(s.IsTorqueOn));
    }

    [Fact]
    public void Connect_TorqueIsOff_TakesNoTimeForIt()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        DateTimeOffset before = rig.Time.GetUtcNow();
        rig.Device.Connect();
        Assert.InRange(rig.Time.GetUtcNow() - before, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Abandon_WithAGuardian_LeavesTheServosToIt()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        rig.Bus.Faults.LostReplies = 1;
        rig.Device.Abandon();
        rig.Device.Disconnect();
        Assert.All(rig.Bus.Servos, s => Assert.True(s.IsTorqueOn));
        Assert.False(rig.Guardian.EndedInOrder);
    }

    [Fact]
    public void Abandon_GuardianGone_SwitchesTorqueOff()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        rig.Guardian.IsGone = true;
        rig.Cycle(0, 0, 0);
        rig.Device.Abandon();
        Assert.All(rig.Bus.Servos, s => Assert.False(s.IsTorqueOn));
    }

    [Fact]
    public void ClearFault_AfterAStopOfTheGuardian_LetsTheArmDown()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        rig.Cycle(0, 0, 0);
        rig.Time.Advance(TimeSpan.FromMilliseconds(150));
        rig.Cycle(0, 0, 0);
        DateTimeOffset before = rig.Time.GetUtcNow();
        rig.Device.ClearFault();
        Assert.InRange(rig.Time.GetUtcNow() - before, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4));
        Assert.All(rig.Bus.Servos, s => Assert.False(s.IsTorqueOn));
        Assert.Null(rig.Device.Fault);
    }

    /// <summary>It was told when somebody armed, in words that nobody at a run can follow, and for ever.</summary>
    [Fact]
    public void Exchange_GuardianEndsWithoutPower_IsToldAtOnce_AndClearingStartsAnother()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        rig.Device.Connect();
        rig.Cycle();
        rig.Guardian.IsGone = true;
        rig.Cycle();
        Assert.StartsWith("Robot feetech-bus: its guardian has ended", rig.Device.Fault, StringComparison.Ordinal);
        rig.Guardian.IsGone = false;
        rig.Device.ClearFault();
        Assert.Null(rig.Device.Fault);
        rig.Cycle();
        rig.Device.PowerOn(rig.State);
        Assert.All(rig.Bus.Servos, s => Assert.True(s.IsTorqueOn));
    }

    [Fact]
    public void ClearFault_SomeRepliesAreLost_IsAskedAgain_AndASilentServoIsNamed()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        rig.Device.Connect();
        rig.Bus.Faults.LostReplies = 0.3;
        for (int i = 0; i < 5; i++)
        {
            rig.Device.ClearFault();
        }

        rig.Bus.Faults.LostReplies = 0;
        rig.Bus.Faults.SetDead(2, true);
        RobotException refused = Assert.Throws<RobotException>(rig.Device.ClearFault);
        Assert.Contains("servo 2 (elbow) does not answer, asked 5 times", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>An encoder that tells another place once current flows: the goal of before would be a jump, so power goes again.</summary>
    [Fact]
    public void PowerOn_JointIsElsewhereAsSoonAsTorqueIsOn_IsRefusedAndTorqueIsTakenAway()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        rig.Device.Connect();
        rig.Cycle();
        bool jumped = false;
        rig.Near.Written = () =>
        {
            rig.Bus.Serve(TimeSpan.Zero);
            if (!jumped && rig.Bus.Servo(2).IsTorqueOn)
            {
                jumped = true;
                rig.Bus.Servo(2).Place(0.5);
            }
        };

        RobotException refused = Assert.Throws<RobotException>(() => rig.Device.PowerOn(rig.State));

        Assert.Contains("servo 2 (elbow) was elsewhere as soon as its torque was on", refused.Message, StringComparison.Ordinal);
        Assert.All(rig.Bus.Servos, s => Assert.False(s.IsTorqueOn));
    }
}
