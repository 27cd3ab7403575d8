using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>One servo as a joint: its interfaces, its goal register, and both ways between SI and registers. Does not allocate once made.</summary>
internal sealed class DynamixelJoint
{
    /// <summary>States of a joint: position, velocity, current (or load), voltage, temperature.</summary>
    public const int States = 5;

    private readonly DynamixelServoOptions _options;
    private readonly bool _wraps;
    private readonly double[] _taken = new double[States];

    public DynamixelJoint(string name, DynamixelServoOptions options, JointCalibration calibration)
    {
        (Name, _options, Calibration) = (name, options, calibration);
        (Id, Model) = ((byte)options.Id, DynamixelModel.Find(options.Model)!);
        double turn = calibration.TicksPerTurn;
        bool oneTurn = Math.Floor(calibration.Ticks(calibration.LeastRad) / turn) == Math.Floor(calibration.Ticks(calibration.GreatestRad) / turn);

        // In mode Position the register stays within one turn; a range over its end needs the mode that counts on.
        (Mode, Goal) = options.Mode switch
        {
            DynamixelCommandMode.Velocity => (DynamixelMode.Velocity, DynamixelTable.GoalVelocity),
            DynamixelCommandMode.Current => (DynamixelMode.Current, DynamixelTable.GoalCurrent),
            _ => (oneTurn ? DynamixelMode.Position : DynamixelMode.ExtendedPosition, DynamixelTable.GoalPosition),
        };
        _wraps = Mode == DynamixelMode.Position;
        Encoder = new(calibration, _wraps);
    }

    public string Name { get; }

    public byte Id { get; }

    public DynamixelModel Model { get; }

    public JointCalibration Calibration { get; }

    public JointEncoder Encoder { get; }

    /// <summary>The servo's operating mode.</summary>
    public DynamixelMode Mode { get; }

    /// <summary>The register that commands go to.</summary>
    public DynamixelRegister Goal { get; }

    /// <summary>Greatest goal of velocity or current, register units, that the options permit.</summary>
    public int GreatestGoal => Mode switch
    {
        DynamixelMode.Velocity => Math.Abs(Raw(MaxVelocity)),
        DynamixelMode.Current => Math.Abs(Raw(Command.Maximum)),
        _ => 0,
    };

    public IEnumerable<StateInterface> StateInterfaces =>
    [
        new($"{Name}/position", InterfaceKind.Position, "rad", double.NegativeInfinity, double.PositiveInfinity),
        new($"{Name}/velocity", InterfaceKind.Velocity, "rad/s", double.NegativeInfinity, double.PositiveInfinity),
        Model.HasCurrent
            ? new($"{Name}/current", InterfaceKind.Current, "A", double.NegativeInfinity, double.PositiveInfinity)
            : new($"{Name}/load", InterfaceKind.Effort, "1", double.NegativeInfinity, double.PositiveInfinity),
        new($"{Name}/voltage", InterfaceKind.Voltage, "V", 0, double.PositiveInfinity) { AllowedMinimum = Model.MinVoltage, AllowedMaximum = Model.MaxVoltage },
        new($"{Name}/temperature", InterfaceKind.Temperature, "degC", 0, double.PositiveInfinity) { AllowedMaximum = Model.TemperatureLimit },
    ];

    public CommandInterface Command
    {
        get
        {
            (string quantity, InterfaceKind kind, string unit, double least, double greatest) = Mode switch
            {
                DynamixelMode.Velocity => ("velocity", InterfaceKind.Velocity, "rad/s", -MaxVelocity, MaxVelocity),
                DynamixelMode.Current => ("effort", InterfaceKind.Effort, _options.TorqueConstant is null ? "A" : "N m", -MaxEffort, MaxEffort),
                _ => ("position", InterfaceKind.Position, "rad", Calibration.LeastRad, Calibration.GreatestRad),
            };
            return new($"{Name}/{quantity}", kind, unit, least, greatest, 0) { PositionState = $"{Name}/position", VelocityState = $"{Name}/velocity" };
        }
    }

    private double MaxVelocity => Math.Min(_options.MaxVelocity ?? double.PositiveInfinity, Model.VelocityLimit * DynamixelUnits.RadPerSecondPerUnit / Calibration.GearRatio);

    private double MaxEffort => (_options.MaxCurrent ?? (Model.CurrentLimit * DynamixelUnits.AmperesPerUnit)) * EffortPerAmpere;

    private double EffortPerAmpere => _options.TorqueConstant is { } constant ? constant * Calibration.GearRatio : 1;

    /// <summary>Register value of a command.</summary>
    public int Raw(double command)
    {
        switch (Mode)
        {
            case DynamixelMode.Velocity:
                return DynamixelUnits.VelocityRaw(Encoder.EncoderVelocity(command));
            case DynamixelMode.Current:
                return DynamixelUnits.CurrentRaw(Calibration.Direction * command / EffortPerAmpere);
            default:
                int goal = Encoder.Goal(command), turn = Calibration.TicksPerTurn;
                return _wraps ? ((goal % turn) + turn) % turn : goal;
        }
    }

    /// <summary>Keeps the block of registers <see cref="DynamixelReading"/> as this joint's next state; false where no servo can report that.</summary>
    public bool TryTake(ReadOnlySpan<byte> block)
    {
        if (!DynamixelReading.TryDecode(block, Model, out DynamixelReading reading))
        {
            return false;
        }

        int ticks = DynamixelTable.PresentPosition.Decode(block[(DynamixelTable.PresentPosition.Address - DynamixelReading.FirstAddress)..]);
        _taken[0] = Encoder.Read(ticks);
        _taken[1] = Encoder.Velocity(reading.VelocityRadPerSecond);
        _taken[2] = Calibration.Direction * reading.Current;
        (_taken[3], _taken[4]) = (reading.Volts, reading.Celsius);
        return true;
    }

    /// <summary>Copies what was taken.</summary>
    public void CopyTo(Span<double> state) => _taken.CopyTo(state);
}
