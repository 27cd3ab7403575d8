using System.Buffers.Binary;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Safety;

namespace RobotRl.Hardware.Tests.Devices.DynamixelBus;

/// <summary>Emulated XL330s under the gate and the watch on whether they follow: what trips it, and what must not.</summary>
public sealed class DynamixelFollowTests : IDisposable
{
    private DynamixelRig _rig = new(servos: 2);
    private SafetyGate? _gate;
    private FollowWatch? _watch;

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(2, 1)]
    [InlineData(6, 1.4)]
    public void Healthy_FastMotionAndHold_IsNeverSuspected(double speed, double amplitude)
    {
        Power(speed);
        for (int i = 0; i < 600; i++)
        {
            // Swings, then holds.
            double goal = i < 450 ? amplitude * Math.Sign(Math.Sin(0.02 * i)) : 0.3;
            Assert.False(Cycle(goal, -goal), $"suspected at {i} cycles: {_rig.State[0]} rad");
        }

        Assert.Equal(0.3, _rig.State[0], 0.02);
        Assert.Equal(0, _watch!.BlockedCount);
    }

    [Fact]
    public void LimitSetBehindTheDriversBack_IsCut()
    {
        Power(speed: 2);
        Cycles(20, 0);
        // Another master, with its own software: torque off, the greatest position at 0.1 rad, torque on.
        EmulatedDynamixel servo = _rig.Emulator.Servo(1);
        Write(servo, DynamixelTable.TorqueEnable, 0);
        Write(servo, DynamixelTable.MaxPosition, 2048 + 65);
        Write(servo, DynamixelTable.TorqueEnable, 1);
        int until = Cycles(400, 0.9);
        Assert.InRange(until * 0.01, 1.1, 2.2);
        string cut = Assert.Single(_watch!.Cut());
        Assert.StartsWith("j1/position is commanded 0.9 rad, measured", cut, StringComparison.Ordinal);
        Assert.Equal(0, _watch.BlockedCount);
    }

    [Fact]
    public void Gripper_OnSomethingHard_IsBlockedAndNotCut()
    {
        _rig.Dispose();
        // Friction above what the motor can give: it does not move at all.
        // And a part of it only, as one sets a gripper, so that it holds without an overload.
        _rig = new(DynamixelRig.Of(2, s => s.MaxPwm = 0.6), servos: 2, load: new EmulatedLoad { CoulombNm = 5 });
        Power(speed: 2);
        Assert.Equal(400, Cycles(400, 0.9));
        Assert.Equal(1, _watch!.BlockedCount);
        Assert.False(_watch.IsSuspect);
        Assert.Contains("j1/position is commanded 0.9 rad", Assert.Single(_watch.Blocked()), StringComparison.Ordinal);
    }

    private static void Write(EmulatedDynamixel servo, DynamixelRegister register, int value)
    {
        Span<byte> data = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(data, value);
        Assert.Equal(DynamixelError.None, servo.Write(register.Address, data[..register.Size]));
    }

    private void Power(double speed)
    {
        var options = new SafetyOptions();
        foreach (CommandInterface command in _rig.Device.Description.Commands)
        {
            options.Joints[command.Name] = new() { MaxVelocity = speed, MaxAcceleration = 40 };
        }

        _gate = new(_rig.Device.Description, options, DynamixelRig.Period);
        _watch = new(_rig.Device.Description, options, DynamixelRig.Period);
        _rig.Power();
        _rig.Pass(2);
        _rig.Driver.Read(_rig.State);
        _gate.Resynchronise(_rig.State);
        _watch.Restart(_rig.State);
    }

    /// <summary>Commands j1 through the gate until it is cut. Returns after how many cycles.</summary>
    private int Cycles(int most, double goal)
    {
        for (int i = 0; i < most; i++)
        {
            Cycle(goal, 0);
            if (_watch!.IsCut)
            {
                return i + 1;
            }
        }

        return most;
    }

    private bool Cycle(params double[] goals)
    {
        ReadResult read = _rig.Driver.Read(_rig.State);
        if (read.Status == IoStatus.Ok)
        {
            _watch!.Look(_rig.State);
        }

        double[] command = new double[goals.Length];
        _gate!.Apply(goals, _rig.State, read.Age, command);
        _watch!.Take(command, _rig.Driver.Write(command).Status == IoStatus.Ok);
        _rig.Pass(1);
        return _watch.IsSuspect;
    }
}
