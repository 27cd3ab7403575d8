using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Tests.Loops;

/// <summary>
/// What a refused arming leaves behind: a robot without power whose stop is confirmed, and that can be armed once the reason is
/// gone.
/// </summary>
public sealed class RefusedArmingTests : IDisposable
{
    private readonly LoopRig _rig = new LoopRig().Begin();
    private readonly Supervisor _supervisor;

    public RefusedArmingTests() =>
        _supervisor = new Supervisor(
            new Failsafe(new FailsafeOptions(), ScriptedRobot.Period),
            _rig.Loop,
            _rig.Gate,
            _rig.Robot,
            null,
            realTime: false
        );

    public void Dispose() => _rig.Dispose();

    public static TheoryData<StopLevel, string> Table()
    {
        var data = new TheoryData<StopLevel, string>();
        foreach (StopLevel level in (StopLevel[])[StopLevel.ControlledStop, StopLevel.PowerOff])
        {
            foreach (
                string refusal in (string[])
                    ["power", "clear", "clear after forgetting", "fault cleared without readings", "emergency stop meanwhile"]
            )
            {
                data.Add(level, refusal);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void TryArm_Refused_TheStopStaysConfirmedAndArmingIsPossibleAgain(StopLevel level, string refusal)
    {
        _supervisor.Step(_rig.NowNs);
        Order(level);
        Pass();
        Assert.Equal((level, true), (_rig.Robot.Stop.Requested, _rig.Robot.Stop.Confirmed));

        for (int i = 0; i < 3; i++)
        {
            Refuse(refusal);
            Assert.StartsWith("Arming refused", _supervisor.TryArm(_rig.NowNs), StringComparison.Ordinal);
            Pass();
            Assert.True(_rig.Robot.Stop.Confirmed, refusal);
            Assert.NotEqual(DeviceState.Powered, _rig.Robot.State);
            Assert.DoesNotContain(nameof(FailsafeCause.StopUnconfirmed), _supervisor.LatchedCauses);
        }

        Refuse("nothing");
        Assert.Null(_supervisor.TryArm(_rig.NowNs));
        Assert.Equal(DeviceState.Powered, _rig.Robot.State);

        // An order after that is one as ever.
        Order(level);
        Pass();
        Assert.Equal((level, true), (_rig.Robot.Stop.Requested, _rig.Robot.Stop.Confirmed));
    }

    [Fact]
    public void TryArm_RefusedByARobotThatConfirmsNoMore_IsAnAlarm()
    {
        _supervisor.Step(_rig.NowNs);
        Order(StopLevel.ControlledStop);
        Pass();
        (_rig.Robot.RefusePower, _rig.Robot.ConfirmsStops) = ("no supply", false);
        Assert.NotNull(_supervisor.TryArm(_rig.NowNs));
        Pass();
        Assert.Contains(nameof(FailsafeCause.StopUnconfirmed), _supervisor.LatchedCauses);
    }

    private void Order(StopLevel level)
    {
        if (level == StopLevel.PowerOff)
        {
            _supervisor.RequestEmergencyStop();
        }
        else
        {
            _supervisor.RequestOperatorStop();
        }
    }

    private void Refuse(string how)
    {
        ScriptedRobot robot = _rig.Robot;
        (robot.RefusePower, robot.RefuseClear, robot.RefusesClearLate, robot.ReadStatus, robot.Clearing) = (
            null,
            null,
            false,
            IoStatus.Ok,
            null
        );
        switch (how)
        {
            case "power":
                robot.RefusePower = "no supply";
                break;
            case "clear":
            case "clear after forgetting":
                (robot.RefuseClear, robot.RefusesClearLate) = ("servo 3 is hot", how != "clear");
                break;
            case "fault cleared without readings":
                robot.ReadStatus = IoStatus.DeviceFault;
                robot.Clearing = () => robot.ReadStatus = IoStatus.Ok;
                break;
            case "emergency stop meanwhile":
                robot.Clearing = () => _supervisor.RequestEmergencyStop();
                break;
        }

        // Long enough for the newest reading to be too old, where none comes.
        _rig.Tick(40);
    }

    /// <summary>Longer than a stop may stay unconfirmed.</summary>
    private void Pass()
    {
        for (int i = 0; i < 400; i++)
        {
            _rig.Tick();
            _supervisor.Step(_rig.NowNs);
        }
    }
}
