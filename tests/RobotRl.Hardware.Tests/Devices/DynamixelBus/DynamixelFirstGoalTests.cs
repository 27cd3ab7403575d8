using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Hardware.Devices.DynamixelBus;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Tests.Devices.DynamixelBus;

/// <summary>
/// No first goal differs from the reading at power-on, the goal register at the moment of torque on included: looked at on the line,
/// after every packet, for every state that a servo's registers allow.
/// </summary>
public sealed class DynamixelFirstGoalTests : IDisposable
{
    private static readonly int[] s_ticks = [0, 1, 300, 2048, 3600, 4095],
        s_turns = [-2, 0, 1, 300];
    private static readonly int[] s_offsets = [0, 1, -500, 1000, -1024, 1024, 1025, -2000, 5000, -1_044_479, 1_044_479];
    private static readonly int[] s_driveModes = [0, 1, 4, 5];

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"robotrl-dynamixel-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData(DynamixelMode.Position, false)]
    [InlineData(DynamixelMode.Position, true)]
    [InlineData(DynamixelMode.ExtendedPosition, false)]
    [InlineData(DynamixelMode.ExtendedPosition, true)]
    [InlineData(DynamixelMode.Velocity, true)]
    [InlineData(DynamixelMode.Current, true)]
    public void PowerOn_EveryStateOfTheRegisters_NothingMovesOrItIsRefused(DynamixelMode mode, bool keepsGoal)
    {
        DynamixelBusOptions options = Options(mode);
        int armed = 0,
            refused = 0;
        foreach (int ticks in s_ticks)
        {
            foreach (int turns in s_turns)
            {
                foreach (int offset in s_offsets)
                {
                    foreach (int driveMode in s_driveModes)
                    {
                        // Where mode Position can hold it: the manual's range of goals, 0 to 4095.
                        bool reversed = (driveMode & 1) != 0;
                        int reading = (reversed ? 4095 - ticks : ticks) + DynamixelUnits.HomingOffset(offset, mode);
                        bool possible = mode switch
                        {
                            DynamixelMode.Position => reading is >= 0 and <= 4095,
                            // Its calibrated range leaves out the middle of the turn; the register of goals ends at 256 turns.
                            DynamixelMode.ExtendedPosition => ticks != 2048
                                && Math.Abs(reading + ((reversed ? -1 : 1) * turns * 4096)) <= 1_048_575,
                            _ => !reversed,
                        };
                        bool done = Arm(options, keepsGoal, ticks, turns, offset, driveMode, mode);
                        Assert.True(
                            done == possible,
                            $"tick {ticks}, turn {turns}, offset {offset}, drive mode {driveMode}: {(done ? "armed" : "refused")}"
                        );
                        (armed, refused) = (armed + (done ? 1 : 0), refused + (done ? 0 : 1));
                    }
                }
            }
        }

        Assert.True(armed > refused / 4, $"{armed} armed, {refused} refused");
    }

    [Theory]
    [InlineData(3600, 1000, 0)]
    [InlineData(2500, 1000, 0)]
    [InlineData(2500, -700, 3)]
    [InlineData(2500, 1500, -1)]
    public void Write_OffsetAndTurns_AnglesAreTheEncodersAndTheJointGoesWhereItIsSent(int ticks, int offset, int turns)
    {
        foreach (int driveMode in s_driveModes)
        {
            using var rig = new DynamixelRig(DynamixelRig.Of(1), 1);
            Prepare(rig, ticks, turns, offset, driveMode);
            rig.Driver.Open();
            rig.Driver.Read(rig.State);
            Assert.Equal(DynamixelUnits.PositionRad(ticks), rig.State[0], 2 * DynamixelUnits.RadPerTick);
            if (rig.Driver.Description.Commands[0].Maximum < rig.State[0] - 0.01)
            {
                // Its register would have to hold more than 4095.
                Assert.Contains(
                    "registers 52 and 48: 0 to 4095 ticks with a homing offset (register 20) of 1000",
                    Assert.Throws<RobotException>(rig.Driver.PowerOn).Message,
                    StringComparison.Ordinal
                );
                continue;
            }

            rig.Driver.PowerOn();
            double from = rig.Emulator.Servos[0].PositionRad,
                to = rig.State[0] - 0.4;
            rig.Pass(150, [to]);
            rig.Driver.Read(rig.State);
            Assert.Equal(to, rig.State[0], 0.01);
            Assert.Equal(from - 0.4, rig.Emulator.Servos[0].PositionRad, 0.01);
        }
    }

    [Fact]
    public void PowerOn_JointBesideItsRange_IsHeldWhereItIsNotWhereItsRangeBegins()
    {
        new CalibrationFile
        {
            Robot = DynamixelBusDevice.Kind,
            Joints =
            {
                ["j1"] = new() { MinRad = -2, MaxRad = 2 },
            },
        }.Save(_file);
        using var rig = new DynamixelRig(DynamixelRig.Of(1) with { Calibration = _file }, 1);
        rig.Emulator.Servos[0].Place(2.009);
        rig.Power();
        rig.Pass(50);
        Assert.Equal(2.009, rig.Emulator.Servos[0].PositionRad, 0.002);
    }

    [Fact]
    public void PowerOn_Done_NothingThatTheServoKeepsWasChangedButModeAndReturnDelay()
    {
        using var rig = new DynamixelRig(Options(DynamixelMode.ExtendedPosition), 1);
        Prepare(rig, 300, 1, 500, 4);
        rig.Set(1, DynamixelTable.MovingThreshold, 20);
        byte[] before = new byte[64],
            after = new byte[64];
        rig.Emulator.Servo(1).Read(0, before);
        rig.Power();
        rig.Pass(5);
        rig.Emulator.Servo(1).Read(0, after);
        Assert.Equal(
            [DynamixelTable.ReturnDelay.Address, DynamixelTable.OperatingMode.Address],
            Enumerable.Range(0, 64).Where(i => before[i] != after[i])
        );
    }

    [Fact]
    public void PowerOn_GoalNotConfirmed_NothingMovesAndTheServoIsLeftUsable()
    {
        LineTap? tap = null;
        using var rig = new DynamixelRig(DynamixelRig.Of(1), 1, between: (line, _) => tap = new(line));
        rig.Driver.Open();

        // Another master writes a goal as soon as torque is on.
        tap!.Sent = () =>
        {
            if (rig.Emulator.Servo(1).IsTorqueOn)
            {
                rig.Set(1, DynamixelTable.GoalPosition, 3000);

                // Time enough to move, if the servo's loops could give anything.
                rig.Clock.Advance(TimeSpan.FromMilliseconds(3));
                rig.Emulator.Serve(TimeSpan.Zero);
            }
        };
        Assert.Contains(
            "servo 1 (j1) on bus holds the goal 3000 (register 116), where 2048 was written",
            Assert.Throws<RobotException>(rig.Driver.PowerOn).Message,
            StringComparison.Ordinal
        );
        tap.Sent = null;
        rig.Pass(20);
        Assert.Equal(0, rig.Emulator.Servos[0].PositionRad, 0.001);
        Assert.Equal((0, DynamixelUnits.MaxPwm), (rig.Register(1, DynamixelTable.TorqueEnable), rig.Register(1, DynamixelTable.GoalPwm)));
    }

    private static void Prepare(
        DynamixelRig rig,
        int ticks,
        int turns,
        int offset,
        int driveMode,
        DynamixelMode mode = DynamixelMode.Position
    )
    {
        rig.Set(1, DynamixelTable.OperatingMode, (int)mode);
        rig.Emulator.Servos[0].Place(DynamixelUnits.PositionRad(ticks));
        Assert.True(rig.Set(1, DynamixelTable.DriveMode, driveMode) && rig.Set(1, DynamixelTable.HomingOffset, offset));
        rig.Emulator.Servos[0].Turn(DynamixelUnits.PositionRad(ticks + (turns * DynamixelUnits.TicksPerTurn)));
    }

    /// <summary>Arms a servo at rest and holds it for some cycles. False if that is refused, by a sentence that names it.</summary>
    private static bool Arm(
        DynamixelBusOptions options,
        bool keepsGoal,
        int ticks,
        int turns,
        int offset,
        int driveMode,
        DynamixelMode mode
    )
    {
        LineTap? tap = null;
        using var rig = new DynamixelRig(options, 1, between: (line, _) => tap = new(line));
        EmulatedDynamixel servo = rig.Emulator.Servo(1);
        servo.KeepsGoalAtTorqueOn = keepsGoal;
        Prepare(rig, ticks, turns, offset, driveMode, mode == DynamixelMode.ExtendedPosition ? mode : DynamixelMode.Position);
        double from = servo.PositionRad;
        string state = $"tick {ticks}, turn {turns}, offset {offset}, drive mode {driveMode}";
        tap!.Sent = () =>
        {
            if (servo.IsTorqueOn)
            {
                int expected = mode is DynamixelMode.Position or DynamixelMode.ExtendedPosition
                    ? rig.Register(1, DynamixelTable.PresentPosition)
                    : 0;
                DynamixelRegister goal = mode switch
                {
                    DynamixelMode.Velocity => DynamixelTable.GoalVelocity,
                    DynamixelMode.Current => DynamixelTable.GoalCurrent,
                    _ => DynamixelTable.GoalPosition,
                };
                Assert.True(rig.Register(1, goal) == expected, $"{state}: goal {rig.Register(1, goal)}, reading {expected}");
            }
        };
        bool armed = true;
        try
        {
            rig.Power();
            rig.Pass(4);
            Assert.Equal(
                ((int)mode, 0, 0),
                (
                    rig.Register(1, DynamixelTable.OperatingMode),
                    rig.Register(1, DynamixelTable.ProfileVelocity),
                    rig.Register(1, DynamixelTable.ProfileAcceleration)
                )
            );
        }
        catch (RobotException refusal)
        {
            Assert.True(
                refusal.Message.Contains("j1", StringComparison.Ordinal) && refusal.Message.Contains("servo 1", StringComparison.Ordinal)
                    || refusal.Message.Contains("beyond its range", StringComparison.Ordinal),
                refusal.Message
            );
            Assert.False(servo.IsTorqueOn, state);
            armed = false;
        }

        Assert.True(servo.PositionRad == from, $"{state}: moved by {servo.PositionRad - from} rad");
        return armed;
    }

    private DynamixelBusOptions Options(DynamixelMode mode)
    {
        // A range over the end of the encoder's turn needs the mode that counts on.
        new CalibrationFile
        {
            Robot = DynamixelBusDevice.Kind,
            Joints =
            {
                ["j1"] = new()
                {
                    ZeroTicks = 0,
                    MinRad = -3,
                    MaxRad = 3,
                },
            },
        }.Save(_file);
        DynamixelBusOptions options = DynamixelRig.Of(1, s => s.Mode = mode switch
            {
                DynamixelMode.Velocity => DynamixelCommandMode.Velocity,
                DynamixelMode.Current => DynamixelCommandMode.Current,
                _ => DynamixelCommandMode.Position,
            });
        return mode == DynamixelMode.ExtendedPosition ? options with { Calibration = _file } : options;
    }
}
