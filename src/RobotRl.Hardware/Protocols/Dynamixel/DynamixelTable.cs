namespace RobotRl.Hardware.Protocols.Dynamixel;

/// <summary>
/// Control table of the XL330 and XL430 servos (ROBOTIS e-manual, "Control Table" of XL330-M288-T and XL430-W250-T). The
/// two share all addresses; the XL430 has a load in place of a current and no current goal.
/// </summary>
public static class DynamixelTable
{
    /// <summary>Model number, read-only.</summary>
    public static readonly DynamixelRegister ModelNumber = new(0, 2);

    /// <summary>Model information, read-only.</summary>
    public static readonly DynamixelRegister ModelInformation = new(2, 4);

    /// <summary>Firmware version, read-only.</summary>
    public static readonly DynamixelRegister FirmwareVersion = new(6, 1);

    /// <summary>Id on the bus.</summary>
    public static readonly DynamixelRegister Id = new(7, 1);

    /// <summary>Code of the baud rate: see <see cref="DynamixelUnits.BaudRate"/>.</summary>
    public static readonly DynamixelRegister BaudRate = new(8, 1);

    /// <summary>Pause before an answer, in units of 2 us. Factory value 250: 0.5 ms.</summary>
    public static readonly DynamixelRegister ReturnDelay = new(9, 1);

    /// <summary>Drive mode, see <see cref="DynamixelDriveModes"/>; only written with torque off.</summary>
    public static readonly DynamixelRegister DriveMode = new(10, 1);

    /// <summary>Operating mode, see <see cref="DynamixelMode"/>; only written with torque off.</summary>
    public static readonly DynamixelRegister OperatingMode = new(11, 1);

    /// <summary>Second id, to which the servo listens without an answer; 253 and above: none.</summary>
    public static readonly DynamixelRegister SecondaryId = new(12, 1);

    /// <summary>Protocol that it speaks: 2 for the one used here.</summary>
    public static readonly DynamixelRegister ProtocolType = new(13, 1);

    /// <summary>
    /// Ticks that are added to the encoder's in every position register. In mode Position it counts from -1024 to 1024 only;
    /// beyond, it is ignored there: <see cref="DynamixelUnits.HomingOffset"/>.
    /// </summary>
    public static readonly DynamixelRegister HomingOffset = new(20, 4, IsSigned: true);

    /// <summary>Velocity from which register 122 says that it moves; nothing else depends on it.</summary>
    public static readonly DynamixelRegister MovingThreshold = new(24, 4);

    /// <summary>Temperature limit, degrees Celsius.</summary>
    public static readonly DynamixelRegister TemperatureLimit = new(31, 1);

    /// <summary>Greatest supply voltage, 0.1 V.</summary>
    public static readonly DynamixelRegister MaxVoltage = new(32, 2);

    /// <summary>Least supply voltage, 0.1 V.</summary>
    public static readonly DynamixelRegister MinVoltage = new(34, 2);

    /// <summary>Greatest PWM, 0.113%.</summary>
    public static readonly DynamixelRegister PwmLimit = new(36, 2);

    /// <summary>Greatest current, mA (XL330).</summary>
    public static readonly DynamixelRegister CurrentLimit = new(38, 2);

    /// <summary>Greatest velocity goal.</summary>
    public static readonly DynamixelRegister VelocityLimit = new(44, 4);

    /// <summary>Greatest position goal of mode Position, ticks.</summary>
    public static readonly DynamixelRegister MaxPosition = new(48, 4);

    /// <summary>Least position goal of mode Position, ticks.</summary>
    public static readonly DynamixelRegister MinPosition = new(52, 4);

    /// <summary>What it does when it starts: bit 0 switches torque on, bit 1 restores RAM registers from a backup.</summary>
    public static readonly DynamixelRegister StartupConfiguration = new(60, 1);

    /// <summary>How fast the motor's voltage may rise (XL330), 1.977 mV/ms.</summary>
    public static readonly DynamixelRegister PwmSlope = new(62, 1);

    /// <summary>Which hardware errors switch torque off: the bits of <see cref="DynamixelHardwareErrors"/>.</summary>
    public static readonly DynamixelRegister Shutdown = new(63, 1);

    /// <summary>1: the motor carries power.</summary>
    public static readonly DynamixelRegister TorqueEnable = new(64, 1);

    /// <summary>The lamp.</summary>
    public static readonly DynamixelRegister Led = new(65, 1);

    /// <summary>Who is answered: 0 ping, 1 read, 2 all.</summary>
    public static readonly DynamixelRegister StatusReturnLevel = new(68, 1);

    /// <summary>1: a registered write waits, read-only.</summary>
    public static readonly DynamixelRegister RegisteredInstruction = new(69, 1);

    /// <summary>Hardware errors, read-only.</summary>
    public static readonly DynamixelRegister HardwareErrorStatus = new(70, 1);

    /// <summary>Integral gain of the velocity loop.</summary>
    public static readonly DynamixelRegister VelocityIGain = new(76, 2);

    /// <summary>Proportional gain of the velocity loop.</summary>
    public static readonly DynamixelRegister VelocityPGain = new(78, 2);

    /// <summary>Derivative gain of the position loop.</summary>
    public static readonly DynamixelRegister PositionDGain = new(80, 2);

    /// <summary>Integral gain of the position loop.</summary>
    public static readonly DynamixelRegister PositionIGain = new(82, 2);

    /// <summary>Proportional gain of the position loop.</summary>
    public static readonly DynamixelRegister PositionPGain = new(84, 2);

    /// <summary>Feedforward gain of the acceleration.</summary>
    public static readonly DynamixelRegister Feedforward2Gain = new(88, 2);

    /// <summary>Feedforward gain of the velocity.</summary>
    public static readonly DynamixelRegister Feedforward1Gain = new(90, 2);

    /// <summary>
    /// Time without an instruction after which the servo stops by itself: 1 to 127 in units of 20 ms, 0 never. It reads -1
    /// (255 as a byte) once it has struck; goals are then read-only until 0 is written.
    /// </summary>
    public static readonly DynamixelRegister BusWatchdog = new(98, 1, IsSigned: true);

    /// <summary>PWM goal of mode Pwm; in every other mode the most that the servo's loops may give, either way.</summary>
    public static readonly DynamixelRegister GoalPwm = new(100, 2, IsSigned: true);

    /// <summary>Current goal, mA (XL330).</summary>
    public static readonly DynamixelRegister GoalCurrent = new(102, 2, IsSigned: true);

    /// <summary>Velocity goal.</summary>
    public static readonly DynamixelRegister GoalVelocity = new(104, 4, IsSigned: true);

    /// <summary>Profile acceleration; 0: none.</summary>
    public static readonly DynamixelRegister ProfileAcceleration = new(108, 4);

    /// <summary>Profile velocity; 0: none.</summary>
    public static readonly DynamixelRegister ProfileVelocity = new(112, 4);

    /// <summary>Position goal, ticks.</summary>
    public static readonly DynamixelRegister GoalPosition = new(116, 4, IsSigned: true);

    /// <summary>Its own clock, ms, 0 to 32767, read-only.</summary>
    public static readonly DynamixelRegister RealtimeTick = new(120, 2);

    /// <summary>1: moving, read-only.</summary>
    public static readonly DynamixelRegister Moving = new(122, 1);

    /// <summary>How its profile gets on, read-only.</summary>
    public static readonly DynamixelRegister MovingStatus = new(123, 1);

    /// <summary>PWM now, read-only.</summary>
    public static readonly DynamixelRegister PresentPwm = new(124, 2, IsSigned: true);

    /// <summary>Current now in mA (XL330) or load in 0.1% (XL430), read-only.</summary>
    public static readonly DynamixelRegister PresentCurrent = new(126, 2, IsSigned: true);

    /// <summary>Velocity now, read-only.</summary>
    public static readonly DynamixelRegister PresentVelocity = new(128, 4, IsSigned: true);

    /// <summary>Position now, ticks, read-only.</summary>
    public static readonly DynamixelRegister PresentPosition = new(132, 4, IsSigned: true);

    /// <summary>Velocity that its profile asks for, read-only.</summary>
    public static readonly DynamixelRegister VelocityTrajectory = new(136, 4, IsSigned: true);

    /// <summary>Position that its profile asks for, read-only.</summary>
    public static readonly DynamixelRegister PositionTrajectory = new(140, 4, IsSigned: true);

    /// <summary>Supply voltage now, 0.1 V, read-only.</summary>
    public static readonly DynamixelRegister PresentVoltage = new(144, 2);

    /// <summary>Temperature now, degrees Celsius, read-only.</summary>
    public static readonly DynamixelRegister PresentTemperature = new(146, 1);

    /// <summary>1: it holds a backup of its registers, read-only.</summary>
    public static readonly DynamixelRegister BackupReady = new(147, 1);

    /// <summary>Bytes of the table without its indirect part: addresses 0 to 147.</summary>
    public const int Length = 148;
}
