namespace RobotRl.Hardware.Protocols.Feetech;

/// <summary>
/// Memory table of the STS3215 (Feetech, "STS series, memory table analysis"). Below address 40 it is EEPROM, kept without power;
/// from 80 on
/// it is the factory's, read-only.
/// </summary>
public static class FeetechTable
{
    /// <summary>Model number, read-only: <see cref="Sts3215ModelNumber"/>.</summary>
    public static readonly FeetechRegister ModelNumber = new(3, 2);

    /// <summary>Firmware, major version, read-only.</summary>
    public static readonly FeetechRegister FirmwareMajor = new(0, 1);

    /// <summary>Firmware, minor version, read-only.</summary>
    public static readonly FeetechRegister FirmwareMinor = new(1, 1);

    /// <summary>Order of bytes, read-only: 0, the low one first.</summary>
    public static readonly FeetechRegister End = new(2, 1);

    /// <summary>Id on the bus.</summary>
    public static readonly FeetechRegister Id = new(5, 1);

    /// <summary>Code of the baud rate: see <see cref="FeetechUnits.BaudRate"/>.</summary>
    public static readonly FeetechRegister BaudRate = new(6, 1);

    /// <summary>Pause before an answer, in units of 2 us.</summary>
    public static readonly FeetechRegister ReturnDelay = new(7, 1);

    /// <summary>Who is answered: 0 reads and pings only, 1 all.</summary>
    public static readonly FeetechRegister StatusReturnLevel = new(8, 1);

    /// <summary>
    /// Least position, ticks, in the count of <see cref="PresentPosition"/>; 0 with <see cref="MaxAngle"/> 0: not limited. Goals
    /// beyond are held to it.
    /// </summary>
    public static readonly FeetechRegister MinAngle = new(9, 2);

    /// <summary>Greatest position, ticks.</summary>
    public static readonly FeetechRegister MaxAngle = new(11, 2);

    /// <summary>Temperature limit, degrees Celsius.</summary>
    public static readonly FeetechRegister TemperatureLimit = new(13, 1);

    /// <summary>Greatest supply voltage, 0.1 V.</summary>
    public static readonly FeetechRegister MaxVoltage = new(14, 1);

    /// <summary>Least supply voltage, 0.1 V.</summary>
    public static readonly FeetechRegister MinVoltage = new(15, 1);

    /// <summary>Torque limit at power-up, 0.1%.</summary>
    public static readonly FeetechRegister MaxTorque = new(16, 2);

    /// <summary>Directions, units, and how the angle is counted: the bits of <see cref="FeetechPhase"/>.</summary>
    public static readonly FeetechRegister Phase = new(18, 1);

    /// <summary>Which errors switch torque off: the bits of <see cref="FeetechErrors"/>.</summary>
    public static readonly FeetechRegister UnloadCondition = new(19, 1);

    /// <summary>Which errors make the light flash: the bits of <see cref="FeetechErrors"/>.</summary>
    public static readonly FeetechRegister LedAlarm = new(20, 1);

    /// <summary>Proportional gain of the position loop; at 0 the servo does not move.</summary>
    public static readonly FeetechRegister PositionP = new(21, 1);

    /// <summary>Derivative gain of the position loop.</summary>
    public static readonly FeetechRegister PositionD = new(22, 1);

    /// <summary>Integral gain of the position loop.</summary>
    public static readonly FeetechRegister PositionI = new(23, 1);

    /// <summary>Least duty that a move begins with, 0.1%.</summary>
    public static readonly FeetechRegister MinStartForce = new(24, 1);

    /// <summary>Greatest integral of the position loop, in units of 4; 0: not limited.</summary>
    public static readonly FeetechRegister IntegralLimit = new(25, 1);

    /// <summary>Error above the goal that is left alone, ticks.</summary>
    public static readonly FeetechRegister DeadZoneUp = new(26, 1);

    /// <summary>Error below the goal that is left alone, ticks.</summary>
    public static readonly FeetechRegister DeadZoneDown = new(27, 1);

    /// <summary>Greatest current, 6.5 mA, that may last for <see cref="OverCurrentTime"/>.</summary>
    public static readonly FeetechRegister ProtectionCurrent = new(28, 2);

    /// <summary>Ticks of the encoder for one unit of a position: 1, or the servo counts in coarser units.</summary>
    public static readonly FeetechRegister AngleResolution = new(30, 1);

    /// <summary>Subtracted from the encoder's position, ticks.</summary>
    public static readonly FeetechRegister PositionOffset = new(31, 2, SignBit: 11);

    /// <summary>Operating mode, see <see cref="FeetechMode"/>.</summary>
    public static readonly FeetechRegister OperatingMode = new(33, 1);

    /// <summary>Torque that is left after an overload, %.</summary>
    public static readonly FeetechRegister ProtectiveTorque = new(34, 1);

    /// <summary>How long a load above <see cref="OverloadTorque"/> may last, 10 ms.</summary>
    public static readonly FeetechRegister ProtectionTime = new(35, 1);

    /// <summary>Load from which on an overload is counted, %.</summary>
    public static readonly FeetechRegister OverloadTorque = new(36, 1);

    /// <summary>Proportional gain of the velocity loop.</summary>
    public static readonly FeetechRegister VelocityP = new(37, 1);

    /// <summary>How long a current above <see cref="ProtectionCurrent"/> may last, 10 ms.</summary>
    public static readonly FeetechRegister OverCurrentTime = new(38, 1);

    /// <summary>Integral gain of the velocity loop.</summary>
    public static readonly FeetechRegister VelocityI = new(39, 1);

    /// <summary>
    /// 1: the motor carries power, as it does when the supply comes; 2: it brakes; 128 sets the offset so that the position
    /// becomes 2048.
    /// </summary>
    public static readonly FeetechRegister TorqueEnable = new(40, 1);

    /// <summary>Acceleration of a move, 100 ticks/s^2; 0: as fast as it can.</summary>
    public static readonly FeetechRegister Acceleration = new(41, 1);

    /// <summary>Position goal, ticks.</summary>
    public static readonly FeetechRegister GoalPosition = new(42, 2, SignBit: 15);

    /// <summary>PWM goal in open-loop mode, 0.1%.</summary>
    public static readonly FeetechRegister GoalTime = new(44, 2, SignBit: 10);

    /// <summary>Speed of a move, or the goal of velocity mode, ticks/s; 0 in position mode: as fast as it can.</summary>
    public static readonly FeetechRegister GoalVelocity = new(46, 2, SignBit: 15);

    /// <summary>Torque limit now, 0.1%.</summary>
    public static readonly FeetechRegister TorqueLimit = new(48, 2);

    /// <summary>1: EEPROM is write-protected.</summary>
    public static readonly FeetechRegister Lock = new(55, 1);

    /// <summary>Position now, ticks, read-only.</summary>
    public static readonly FeetechRegister PresentPosition = new(56, 2, SignBit: 15);

    /// <summary>Velocity now, ticks/s, read-only.</summary>
    public static readonly FeetechRegister PresentVelocity = new(58, 2, SignBit: 15);

    /// <summary>Load now (duty of the motor's voltage), 0.1%, read-only.</summary>
    public static readonly FeetechRegister PresentLoad = new(60, 2, SignBit: 10);

    /// <summary>Supply voltage now, 0.1 V, read-only.</summary>
    public static readonly FeetechRegister PresentVoltage = new(62, 1);

    /// <summary>Temperature now, degrees Celsius, read-only.</summary>
    public static readonly FeetechRegister PresentTemperature = new(63, 1);

    /// <summary>1: a write waits for the instruction Action, read-only.</summary>
    public static readonly FeetechRegister AsyncFlag = new(64, 1);

    /// <summary>Errors now, read-only.</summary>
    public static readonly FeetechRegister Status = new(65, 1);

    /// <summary>1: moving, read-only.</summary>
    public static readonly FeetechRegister Moving = new(66, 1);

    /// <summary>Goal in force, ticks, read-only: the goal within the limits.</summary>
    public static readonly FeetechRegister TargetPosition = new(67, 2, SignBit: 15);

    /// <summary>Current now, 6.5 mA, read-only.</summary>
    public static readonly FeetechRegister PresentCurrent = new(69, 2, SignBit: 15);

    /// <summary>Velocity from which on it counts as moving, factory's.</summary>
    public static readonly FeetechRegister MovingThreshold = new(80, 1);

    /// <summary>Ticks/s of a coarse unit of velocity, factory's.</summary>
    public static readonly FeetechRegister VelocityUnit = new(82, 1);

    /// <summary>Greatest velocity, 50 ticks/s (0.732 rev/min), factory's; 0: not limited.</summary>
    public static readonly FeetechRegister MaxVelocity = new(84, 1);

    /// <summary>Greatest acceleration, 100 ticks/s^2, factory's.</summary>
    public static readonly FeetechRegister MaxAcceleration = new(85, 1);

    /// <summary>Multiplies the acceleration if <see cref="Acceleration"/> is 0; both at 0: as fast as it can. Factory's.</summary>
    public static readonly FeetechRegister AccelerationMultiplier = new(86, 1);

    /// <summary>What <see cref="ModelNumber"/> holds in an STS3215.</summary>
    public const int Sts3215ModelNumber = 777;

    /// <summary>
    /// What <see cref="Phase"/> holds in an STS3215 as owners report it: velocities in ticks/s, a speed of 0 for as fast as it
    /// can, positions of one turn.
    /// </summary>
    public const FeetechPhase DeliveredPhase = FeetechPhase.FineVelocity | FeetechPhase.ZeroIsFastest;

    /// <summary>Greatest <see cref="PositionOffset"/>, ticks, either way.</summary>
    public const int MaxOffset = 2047;

    /// <summary>Bytes of the table: addresses 0 to 86.</summary>
    public const int Length = 87;
}
