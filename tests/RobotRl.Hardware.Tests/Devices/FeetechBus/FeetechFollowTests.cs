using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Safety;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus;

/// <summary>Emulated STS3215s under the gate and the watch on whether they follow: what trips it, and what must not.</summary>
public sealed class FeetechFollowTests : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    private FeetechRig _rig = new();
    private SafetyGate? _gate;
    private FollowWatch? _watch;

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void Healthy_FastMotionAndHold_IsNeverSuspected(double speed)
    {
        Power(speed);
        for (int i = 0; i < 300; i++)
        {
            double goal = i < 225 ? Math.Sign(Math.Sin(0.04 * i)) : 0.3;
            Assert.False(Cycle(goal, -goal, 2 * goal), $"suspected at {i} cycles: {_rig.State[0]} rad");
        }

        Assert.Equal(0.3, _rig.State[0], 0.02);
        Assert.Equal(0, _watch!.BlockedCount);
    }

    [Fact]
    public void SlowAccelerationOfTheOptions_IsAllowedFor()
    {
        _rig.Dispose();
        _rig = new(o => o.Servos["shoulder"].Acceleration = 1);
        Power(speed: 6);
        for (int i = 0; i < 250; i++)
        {
            Assert.False(Cycle(1.5, 0, 0), $"suspected at {i} cycles: {_rig.State[0]} rad");
        }

        Assert.Equal(1.5, _rig.State[0], 0.02);
    }

    /// <summary>
    /// A gripper with little torque kept (register 16) that holds a cube pushes with all it has: blocked, and no reason to stop.
    /// </summary>
    [Theory]
    [InlineData(500)]
    [InlineData(290)]
    [InlineData(250)]
    public void Gripper_WithLessTorqueKept_IsBlockedAndNotCut(int most)
    {
        _rig.Dispose();
        _rig = new(load: new EmulatedLoad { CoulombNm = 5 });
        _rig.Bus.Servo(1).Preset(FeetechTable.MaxTorque, most);
        Power(speed: 2);
        Assert.Equal(200, Cycles(200, 0.9));
        Assert.Equal(1, _watch!.BlockedCount);
    }

    [Fact]
    public void LimitSetBehindTheDriversBack_IsCut()
    {
        Power(speed: 2);
        Cycles(10, 0);
        _rig.Bus.Servo(1).Write(FeetechTable.MinAngle.Address, [0x00, 0x04]);
        _rig.Bus.Servo(1).Write(FeetechTable.MaxAngle.Address, [0x41, 0x08]);
        Assert.InRange(Cycles(200, 0.9) * 0.02, 1.1, 2.2);
        string cut = Assert.Single(_watch!.Cut());
        Assert.StartsWith("shoulder/position is commanded 0.9 rad, measured 0.1", cut, StringComparison.Ordinal);
        Assert.Equal(0, _watch.BlockedCount);
    }

    [Theory]
    [InlineData(40, 0)]
    [InlineData(48, 0)]
    [InlineData(46, 20)]
    public void TorqueOrSpeedTakenAway_IsCut(byte register, byte value)
    {
        Power(speed: 2);
        Cycles(10, 0);
        _rig.Bus.Servo(1).Write(register, register == FeetechTable.TorqueEnable.Address ? [value] : [value, 0]);
        Assert.InRange(Cycles(200, 0.9) * 0.02, 1.1, 2.5);
        Assert.Single(_watch!.Cut());
    }

    [Fact]
    public void Gripper_OnSomethingHard_IsBlockedAndNotCut()
    {
        _rig.Dispose();
        _rig = new(o => o.Servos["shoulder"].TorqueLimit = 0.5, load: new EmulatedLoad { CoulombNm = 5 });
        Power(speed: 2);
        Assert.Equal(200, Cycles(200, 0.9));
        Assert.Equal(1, _watch!.BlockedCount);
        Assert.False(_watch.IsSuspect);
        Assert.EndsWith("load 1 of full", Assert.Single(_watch.Blocked()), StringComparison.Ordinal);
    }

    [Fact]
    public void Wheel_ThatDoesNotTurn_IsCutByItsVelocity()
    {
        Power(speed: 2);
        Cycles(10, 0);
        _rig.Bus.Servo(3).Write(FeetechTable.TorqueEnable.Address, [0]);
        for (int i = 0; i < 100 && !_watch!.IsCut; i++)
        {
            Cycle(0, 0, 1.5);
        }

        Assert.StartsWith(
            "wheel/velocity is commanded 1.5 rad/s, measured 0 rad/s (allowed 0.24 rad/s for 1 s), load 0 of full",
            Assert.Single(_watch!.Cut()),
            StringComparison.Ordinal
        );
    }

    private void Power(double speed)
    {
        // As a run does: the robot is open, and what its servos keep is known, before gate and watch are made.
        _rig.PoweredOn();
        var options = new SafetyOptions();
        foreach (CommandInterface command in _rig.Device.Description.Commands)
        {
            options.Joints[command.Name] = new() { MaxVelocity = speed, MaxAcceleration = 40 };
        }

        _gate = new(_rig.Device.Description, options, Period);
        _watch = new(_rig.Device.Description, options, Period);
        _gate.Resynchronise(_rig.State);
        _watch.Restart(_rig.State);
    }

    /// <summary>Commands the shoulder through the gate until it is cut. Returns after how many cycles.</summary>
    private int Cycles(int most, double goal)
    {
        for (int i = 0; i < most; i++)
        {
            Cycle(goal, 0, 0);
            if (_watch!.IsCut)
            {
                return i + 1;
            }
        }

        return most;
    }

    private bool Cycle(params double[] goals)
    {
        double[] command = new double[goals.Length];
        _gate!.Apply(goals, _rig.State, TimeSpan.Zero, command);
        _watch!.Take(command, accepted: true);
        if (_rig.Cycle(command).Status == IoStatus.Ok)
        {
            _watch.Look(_rig.State);
        }

        return _watch.IsSuspect;
    }
}
