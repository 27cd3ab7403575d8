using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>
/// One servo as a joint: its interfaces, its goal register, and both ways between SI and registers. Does not allocate once made.
/// </summary>
/// <remarks>
/// Angles are made of the encoder's own ticks: a position register holds them turned round by the drive mode (register 10), shifted
/// by the homing offset (register 20) and counted from a turn that begins anew with torque in mode Position. All three are undone
/// here, so that a calibration stays right whatever the owner keeps in the servo.
/// </remarks>
internal sealed class DynamixelJoint
{
    /// <summary>States of a joint: position, velocity, current (or load), voltage, temperature.</summary>
    public const int States = 5;

    private const int Turn = DynamixelUnits.TicksPerTurn;

    // Of the no-load speed: a motor that gives half of its stall torque turns at half of it.
    private const double SpeedUnderLoad = 0.5;

    private readonly DynamixelServoOptions _options;
    private readonly bool _wraps;
    private readonly double[] _taken = new double[States];
    private HeldGoal _held;
    private int _offset,
        _last;

    public DynamixelJoint(string name, DynamixelServoOptions options, JointCalibration calibration)
    {
        (Name, _options, Calibration) = (name, options, calibration);
        (Id, Model) = ((byte)options.Id, DynamixelModel.Find(options.Model)!);
        double turn = calibration.TicksPerTurn;
        bool oneTurn =
            Math.Floor(calibration.Ticks(calibration.LeastRad) / turn) == Math.Floor(calibration.Ticks(calibration.GreatestRad) / turn);

        // In mode Position the register stays within one turn; a range over its end needs the mode that counts on.
        (Mode, Goal) = options.Mode switch
        {
            DynamixelCommandMode.Velocity => (DynamixelMode.Velocity, DynamixelTable.GoalVelocity),
            DynamixelCommandMode.Current => (DynamixelMode.Current, DynamixelTable.GoalCurrent),
            _ => (oneTurn ? DynamixelMode.Position : DynamixelMode.ExtendedPosition, DynamixelTable.GoalPosition),
        };
        _wraps = Mode == DynamixelMode.Position;
        Encoder = new(calibration, _wraps);
        Stored = DynamixelStored.Factory;
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

    /// <summary>Whether it is commanded by position.</summary>
    public bool IsPositioned => Goal == DynamixelTable.GoalPosition;

    /// <summary>What the servo keeps without power; a new servo's before it was read.</summary>
    public DynamixelStored Stored { get; private set; }

    /// <summary>Gains of its loops when it was armed.</summary>
    public DynamixelGains Gains { get; set; }

    /// <summary>
    /// Whether the newest reading is half a turn and more away from the one before: no joint moves like that, but a servo that
    /// restarts counts anew.
    /// </summary>
    public bool HasJumped { get; private set; }

    /// <summary>The most that its loops may give while it is powered, register units.</summary>
    public int PwmGoal => (int)((_options.MaxPwm ?? 1) * DynamixelUnits.MaxPwm);

    /// <summary>Greatest goal of velocity or current, register units, that the options permit.</summary>
    public int GreatestGoal =>
        Mode switch
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
            new($"{Name}/voltage", InterfaceKind.Voltage, "V", 0, double.PositiveInfinity)
            {
                AllowedMinimum = Model.MinVoltage,
                AllowedMaximum = Model.MaxVoltage,
            },
            new($"{Name}/temperature", InterfaceKind.Temperature, "degC", 0, double.PositiveInfinity)
            {
                AllowedMaximum = Model.TemperatureLimit,
            },
        ];

    /// <summary>What it can be told, within what the options and the calibration permit.</summary>
    public CommandInterface Command
    {
        get
        {
            (string quantity, InterfaceKind kind, string unit, double least, double greatest) = Mode switch
            {
                DynamixelMode.Velocity => ("velocity", InterfaceKind.Velocity, "rad/s", -MaxVelocity, MaxVelocity),
                DynamixelMode.Current => (
                    "effort",
                    InterfaceKind.Effort,
                    _options.TorqueConstant is null ? "A" : "N m",
                    -MaxEffort,
                    MaxEffort
                ),
                _ => ("position", InterfaceKind.Position, "rad", Calibration.LeastRad, Calibration.GreatestRad),
            };
            return new($"{Name}/{quantity}", kind, unit, least, greatest, 0)
            {
                PositionState = $"{Name}/position",
                VelocityState = $"{Name}/velocity",
                LoadState = Model.HasCurrent ? $"{Name}/current" : $"{Name}/load",
                FullLoad = (Model.HasCurrent ? Model.StallCurrentA : 1) * (_options.MaxPwm ?? 1),
                MaxSpeed = kind == InterfaceKind.Position ? SpeedUnderLoad * (_options.MaxPwm ?? 1) * MaxVelocity : null,
            };
        }
    }

    /// <summary>What the servo's own limits leave of <see cref="Command"/>; its minimum is above its maximum if nothing is left.</summary>
    public CommandInterface NarrowedCommand
    {
        get
        {
            if (!IsPositioned)
            {
                return Command;
            }

            (double least, double greatest) = Reach();
            string offset = _offset == 0 ? "" : FormattableString.Invariant($" with a homing offset (register 20) of {_offset}");
            return Command.Narrow(
                least,
                greatest,
                FormattableString.Invariant(
                    $"the position limits of servo {Id} (registers 52 and 48: {Stored.MinPosition} to {Stored.MaxPosition} ticks{offset})"
                )
            );
        }
    }

    private double MaxVelocity =>
        Math.Min(
            _options.MaxVelocity ?? double.PositiveInfinity,
            Model.VelocityLimit * DynamixelUnits.RadPerSecondPerUnit / Calibration.GearRatio
        );

    private double MaxEffort => (_options.MaxCurrent ?? (Model.CurrentLimit * DynamixelUnits.AmperesPerUnit)) * EffortPerAmpere;

    private double EffortPerAmpere => _options.TorqueConstant is { } constant ? constant * Calibration.GearRatio : 1;

    /// <summary>What the servo keeps was read.</summary>
    public void Keep(in DynamixelStored stored) => (Stored, _offset) = (stored, DynamixelUnits.HomingOffset(stored.HomingOffset, Mode));

    /// <summary>Ticks of the encoder at a position register's value: those of one turn in mode Position, else they count on.</summary>
    public int EncoderTicks(int register)
    {
        int ticks = Stored.IsReversed ? Turn - 1 - (register - _offset) : register - _offset;
        return _wraps ? Modulo(ticks) : ticks;
    }

    /// <summary>What the position register will hold once torque is on, if it holds <paramref name="register"/> without.</summary>
    public int ReadingUnderTorque(int register) => _wraps ? Modulo(register - _offset) + _offset : register;

    /// <summary>Why the servo will not take a position goal; null if it will.</summary>
    public string? BeyondLimits(int goal)
    {
        if (_wraps && (goal < Stored.MinPosition || goal > Stored.MaxPosition))
        {
            return string.Create(
                    CultureInfo.InvariantCulture,
                    $"is at {goal} ticks (register 132), beyond its own position limits (registers 52 and 48: "
                        + $"{Stored.MinPosition} to {Stored.MaxPosition}; "
                )
                + FormattableString.Invariant(
                    $"homing offset, register 20: {Stored.HomingOffset}). Move it into them by hand, or change them with DYNAMIXEL Wizard"
                );
        }

        return IsPositioned && Math.Abs((long)goal) > DynamixelUnits.MaxExtendedTicks
            ? FormattableString.Invariant(
                $"is at {goal} ticks (register 132), and goals end at {DynamixelUnits.MaxExtendedTicks} (homing offset, register 20: "
            ) + FormattableString.Invariant($"{Stored.HomingOffset}). Switch its supply off and on, so that it counts anew")
            : null;
    }

    /// <summary>
    /// Finds the encoder's turn in the first reading. False if the joint is not at its home mark; it seems to be at
    /// <paramref name="angle"/> rad.
    /// </summary>
    public bool TryFindTurn(int register, out double angle)
    {
        _last = EncoderTicks(register);
        return Encoder.TryFindTurn(_last, out angle);
    }

    /// <summary>Torque was switched on: the register holds <paramref name="register"/> where the joint was before.</summary>
    public void TakeTurnAnew(int register)
    {
        _last = EncoderTicks(register);
        Encoder.Rebase(_last);
    }

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
                return Register(Encoder.Goal(command));
        }
    }

    /// <summary>From power-on, the hold command at <paramref name="state"/> is the goal that was written then, and no other.</summary>
    public void HoldAt(double state, CommandInterface command, int goal) => _held.Hold(state, command, goal);

    /// <summary>Register value of the next command of a cycle.</summary>
    public int Next(double command) => _held.TryGet(command, out int goal) ? goal : Raw(command);

    /// <summary>
    /// Keeps the block of registers <see cref="DynamixelReading"/> as this joint's next state; false where no servo can report
    /// that.
    /// </summary>
    /// <param name="block">The registers.</param>
    /// <param name="mayTurn">Whether the joint may have turned by half a turn since the last reading.</param>
    public bool TryTake(ReadOnlySpan<byte> block, bool mayTurn)
    {
        HasJumped = false;
        if (!DynamixelReading.TryDecode(block, Model, out DynamixelReading reading))
        {
            return false;
        }

        int ticks = EncoderTicks(
            DynamixelTable.PresentPosition.Decode(block[(DynamixelTable.PresentPosition.Address - DynamixelReading.FirstAddress)..])
        );
        HasJumped = !_wraps && !mayTurn && Math.Abs((long)ticks - _last) > Turn / 2;
        if (HasJumped)
        {
            return false;
        }

        int direction = Stored.IsReversed ? -1 : 1;
        _last = ticks;
        _taken[0] = Encoder.Read(ticks);
        _taken[1] = direction * Encoder.Velocity(reading.VelocityRadPerSecond);
        _taken[2] = direction * Calibration.Direction * reading.Current;
        (_taken[3], _taken[4]) = (reading.Volts, reading.Celsius);
        return true;
    }

    /// <summary>Copies what was taken.</summary>
    public void CopyTo(Span<double> state) => _taken.CopyTo(state);

    private static int Modulo(int ticks) => ((ticks % Turn) + Turn) % Turn;

    private int Register(int ticks)
    {
        int actual = Stored.IsReversed ? Turn - 1 - ticks : ticks;
        return (_wraps ? Modulo(actual) : actual) + _offset;
    }

    /// <summary>Angles that the servo's own limits allow, rad.</summary>
    private (double Least, double Greatest) Reach()
    {
        if (!_wraps && !Stored.HasPositionLimits)
        {
            return (double.NegativeInfinity, double.PositiveInfinity);
        }

        // In mode Position the register holds the encoder's turn, shifted by the offset: a goal beyond would be another turn.
        int min = _wraps ? Math.Max(Stored.MinPosition, _offset) : Stored.MinPosition;
        int max = _wraps ? Math.Min(Stored.MaxPosition, _offset + Turn - 1) : Stored.MaxPosition;
        if (min > max)
        {
            return (double.PositiveInfinity, double.NegativeInfinity);
        }

        int one = Stored.IsReversed ? Turn - 1 - (min - _offset) : min - _offset,
            other = Stored.IsReversed ? Turn - 1 - (max - _offset) : max - _offset;
        double least = Calibration.Ticks(Calibration.LeastRad),
            greatest = Calibration.Ticks(Calibration.GreatestRad);

        // The turn of the joint's range.
        double middle = (least + greatest) / 2;
        double turn = _wraps ? Math.Floor(middle / Turn) * Turn : Math.Round((middle - ((one + other) / 2.0)) / Turn) * Turn;
        double first = Calibration.AngleRad(one + turn),
            second = Calibration.AngleRad(other + turn);
        return (Math.Min(first, second), Math.Max(first, second));
    }
}
