namespace RobotRl.Hardware.Protocols.Feetech;

/// <summary>Memory table of the STS3215 (Feetech, "STS3215 memory table"). Below address 40 it is EEPROM, kept without power.</summary>
public static class FeetechTable
{
    /// <summary>Model number, read-only: <see cref="Sts3215ModelNumber"/>.</summary>
    public static readonly FeetechRegister ModelNumber = new(3, 2);

    /// <summary>Firmware, major version, read-only.</summary>
    public static readonly FeetechRegister FirmwareMajor = new(0, 1);

    /// <summary>Firmware, minor version, read-only.</summary>
    public static readonly FeetechRegister FirmwareMinor = new(1, 1);

    /// <summary>Id on the bus.</summary>
    public static readonly FeetechRegister Id = new(5, 1);

    /// <summary>Code of the baud rate: see <see cref="FeetechUnits.BaudRate"/>.</summary>
    public static readonly FeetechRegister BaudRate = new(6, 1);

    /// <summary>Pause before an answer, in units of 2 us.</summary>
    public static readonly FeetechRegister ReturnDelay = new(7, 1);

    /// <summary>Who is answered: 0 reads and pings only, 1 all.</summary>
    public static readonly FeetechRegister StatusReturnLevel = new(8, 1);

    /// <summary>Least position, ticks; 0 with <see cref="MaxAngle"/> 0: not limited.</summary>
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

    /// <summary>Which errors switch torque off: the bits of <see cref="FeetechErrors"/>.</summary>
    public static readonly FeetechRegister UnloadCondition = new(19, 1);

    /// <summary>Shift of the zero position, ticks.</summary>
    public static readonly FeetechRegister PositionOffset = new(31, 2, SignBit: 11);

    /// <summary>Operating mode, see <see cref="FeetechMode"/>.</summary>
    public static readonly FeetechRegister OperatingMode = new(33, 1);

    /// <summary>1: the motor carries power; 128 sets the offset so that the position becomes 2048.</summary>
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

    /// <summary>Errors now, read-only.</summary>
    public static readonly FeetechRegister Status = new(65, 1);

    /// <summary>1: moving, read-only.</summary>
    public static readonly FeetechRegister Moving = new(66, 1);

    /// <summary>Current now, 6.5 mA, read-only.</summary>
    public static readonly FeetechRegister PresentCurrent = new(69, 2, SignBit: 15);

    /// <summary>What <see cref="ModelNumber"/> holds in an STS3215.</summary>
    public const int Sts3215ModelNumber = 777;

    /// <summary>Bytes of the table that are used here: addresses 0 to 70.</summary>
    public const int Length = 71;
}
