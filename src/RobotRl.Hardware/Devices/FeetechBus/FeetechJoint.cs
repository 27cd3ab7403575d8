using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>One joint at work: its servo, its place in the vectors, its conversions.</summary>
internal sealed class FeetechJoint
{
    /// <summary>Values that each joint reports.</summary>
    public const int States = 6;

    // A reading that no joint can have got to since the last one: three times the no-load speed, and a margin for the first cycles.
    private const double JumpSpeed = 15,
        JumpMarginRad = 0.15;

    // Noise of an encoder whose joint leans on an end stop, which is where limits are usually taken.
    private const int SlackTicks = 4;
    private const double Rounding = 1e-9;

    private readonly JointCalibration _calibration;
    private JointEncoder _encoder;
    private double _last;
    private long _lastStamp;
    private int _misses;
    private HeldGoal _held;
    private bool _doubted;

    public FeetechJoint(string name, FeetechServoOptions options, JointCalibration calibration)
    {
        (Name, Options, _calibration) = (name, options, calibration);
        (Id, IsVelocity) = ((byte)options.Id, options.Mode == FeetechCommandMode.Velocity);
        _encoder = new(calibration, wraps: true);
    }

    public string Name { get; }

    public FeetechServoOptions Options { get; }

    public JointCalibration Calibration => _calibration;

    public byte Id { get; }

    public bool IsVelocity { get; }

    public int Jumps { get; private set; }

    /// <summary>What the servo keeps; as delivered until <see cref="Take"/>.</summary>
    public FeetechKept Kept { get; private set; } =
        new(0, FeetechUnits.TicksPerTurn - 1, FeetechUnits.MaxTorque, FeetechTable.DeliveredPhase, 1, 0, FeetechMode.Position, 1, 0);

    /// <summary>The mode that the servo is in.</summary>
    public FeetechMode Mode { get; set; }

    /// <summary>Position of the newest reading, ticks.</summary>
    public int LastTicks { get; private set; }

    /// <summary>Register value of the torque limit: no more than the servo keeps.</summary>
    public int TorqueLimit => Math.Min(FeetechUnits.TorqueRaw(Options.TorqueLimit), Kept.MaxTorque);

    /// <summary>
    /// Whether its position wraps and is in another turn than its range: a goal in the range would be reached the long way round.
    /// </summary>
    public bool IsBeyondSeam => !Kept.CountsTurns && _encoder.Turns != WindowTurn;

    /// <summary>Fastest that the joint may be commanded, rad/s.</summary>
    public double MaxVelocity => Options.MaxVelocity;

    /// <summary>Register value of the speed limit of moves.</summary>
    public int SpeedLimit => Math.Abs(FeetechUnits.VelocityRaw(_encoder.EncoderVelocity(MaxVelocity)));

    /// <summary>
    /// Fastest that any of <paramref name="joints"/> is taken to move, rad/s at the servo: twice the limit that it is set to,
    /// since a load may push it.
    /// </summary>
    public static double FastestOf(FeetechJoint[] joints) =>
        2 * FeetechUnits.RadPerTick * joints.Where(j => !j.IsVelocity).Select(j => j.SpeedLimit).DefaultIfEmpty(1).Max();

    /// <summary>Register values of the torque limits of <paramref name="joints"/>: those commanded by position first.</summary>
    public static int[] TorqueLimitsOf(FeetechJoint[] joints) =>
        [.. joints.OrderBy(j => j.IsVelocity).ThenBy(j => j.Id).Select(j => j.TorqueLimit)];

    /// <summary>The joints of <paramref name="options"/>, by id.</summary>
    /// <exception cref="RobotException">The calibration file cannot be used.</exception>
    public static FeetechJoint[] MakeAll(FeetechBusOptions options)
    {
        CalibrationFile? file;
        try
        {
            file = options.Calibration is { } path ? CalibrationFile.Load(path, FeetechBusDevice.Kind) : null;
        }
        catch (CalibrationException error)
        {
            throw new RobotException(FeetechBusDevice.Kind, error.Message, error);
        }

        var joints = new List<FeetechJoint>();
        foreach ((string name, FeetechServoOptions servo) in options.Servos.OrderBy(s => s.Value.Id))
        {
            JointCalibration calibration =
                file is null ? new()
                : file.Joints.TryGetValue(name, out JointCalibration? found) ? found
                : throw new RobotException(
                    FeetechBusDevice.Kind,
                    $"Calibration file {options.Calibration} has no joint {name}; it has "
                        + $"{string.Join(", ", file.Joints.Keys)}. Calibrate it, or correct the name."
                );
            joints.Add(new(name, servo, calibration));
        }

        return [.. joints];
    }

    public IEnumerable<StateInterface> StateInterfaces()
    {
        const double Infinity = double.PositiveInfinity;
        yield return new($"{Name}/position", InterfaceKind.Position, "rad", -Infinity, Infinity);
        yield return new($"{Name}/velocity", InterfaceKind.Velocity, "rad/s", -Infinity, Infinity);
        yield return new($"{Name}/current", InterfaceKind.Current, "A", -Infinity, Infinity);
        yield return new($"{Name}/voltage", InterfaceKind.Voltage, "V", 0, Infinity)
        {
            AllowedMinimum = Options.MinVoltage,
            AllowedMaximum = Options.MaxVoltage,
        };
        yield return new($"{Name}/temperature", InterfaceKind.Temperature, "deg C", 0, Infinity)
        {
            AllowedMaximum = Options.MaxTemperature,
        };
        yield return new($"{Name}/load", InterfaceKind.Effort, "1", -Infinity, Infinity);
    }

    public CommandInterface Command()
    {
        CommandInterface command = IsVelocity
            ? new($"{Name}/velocity", InterfaceKind.Velocity, "rad/s", -MaxVelocity, MaxVelocity, 0)
            : new($"{Name}/position", InterfaceKind.Position, "rad", _calibration.LeastRad, _calibration.GreatestRad, 0)
            {
                MaxSpeed = MaxVelocity,
            };
        return command with
        {
            PositionState = $"{Name}/position",
            VelocityState = $"{Name}/velocity",
            LoadState = $"{Name}/load",
            // The servo gives no more than the limit that it keeps: what it then pushes with is its full load.
            FullLoad = (double)TorqueLimit / FeetechUnits.MaxTorque,
            MaxAcceleration = Options.Acceleration > 0 ? Options.Acceleration / _calibration.GearRatio : null,
        };
    }

    /// <summary>What the servo keeps, as it was read.</summary>
    public void Take(FeetechKept kept)
    {
        (Kept, Mode) = (kept, kept.Mode);
        _encoder = new(_calibration, wraps: !kept.CountsTurns);
    }

    /// <summary>Whether the servo stays where it is if this position becomes its goal.</summary>
    public bool Takes(int ticks) => ticks >= Kept.LeastGoal - SlackTicks && ticks <= Kept.GreatestGoal + SlackTicks;

    /// <summary>
    /// Whether a servo that is under torque stays where it is if it is told to: it is commanded by position as it is, and the
    /// place is one that it goes to.
    /// </summary>
    public bool StaysAt(int ticks) => Mode == FeetechMode.Position && Takes(ticks);

    /// <summary>
    /// What the limits that the servo keeps leave of the command, once its turn is found; <paramref name="problem"/> says why it
    /// is nothing, or not reached.
    /// </summary>
    public CommandInterface Narrowed(out string? problem)
    {
        CommandInterface command = Command();
        problem = null;
        if (IsVelocity)
        {
            double most = Math.Abs(_encoder.Velocity(FeetechUnits.VelocityRadPerSecond(Kept.MaxVelocity * FeetechUnits.CoarseVelocity)));
            return Kept.MaxVelocity == 0
                ? command
                : command.Narrow(-most, most, $"register {FeetechTable.MaxVelocity.Address} of servo {Id} is {Kept.MaxVelocity}");
        }

        double one = Kept.CountsTurns ? _encoder.Angle(Kept.LeastGoal) : WindowAngle(Kept.LeastGoal);
        double other = Kept.CountsTurns ? _encoder.Angle(Kept.GreatestGoal) : WindowAngle(Kept.GreatestGoal);
        string limits = Kept.IsLimited
            ? $"registers {FeetechTable.MinAngle.Address} and {FeetechTable.MaxAngle.Address} of servo {Id} are {Kept.MinAngle} "
                + $"and {Kept.MaxAngle}"
            : $"servo {Id} goes to ticks {Kept.LeastGoal} to {Kept.GreatestGoal}";
        CommandInterface narrowed = command.Narrow(
            Near(Math.Min(one, other), command.Minimum),
            Near(Math.Max(one, other), command.Maximum),
            limits
        );
        if (!(narrowed.Minimum < narrowed.Maximum))
        {
            string turns = Kept.CountsTurns
                ? $" It counts turns (register {FeetechTable.Phase.Address}, phase, is {(byte)Kept.Phase}; register "
                    + $"{FeetechTable.PositionOffset.Address}, offset, is {Kept.Offset}) and stands at tick {LastTicks}: turn it by "
                    + $"hand into those, switch its supply off and on if it was turned through whole turns, or clear bit 4 of "
                    + $"register {FeetechTable.Phase.Address}. Otherwise correct"
                : " Correct";
            problem = string.Create(
                CultureInfo.InvariantCulture,
                $"{limits} ({FeetechUnits.TicksPerTurn} ticks a turn), which leaves nothing of the range of {Name}, "
                    + $"{command.Minimum:0.###} to {command.Maximum:0.###} rad.{turns} the limits with the maker's software, or "
                    + $"calibrate the joint again."
            );
        }

        return narrowed;
    }

    /// <summary>The first reading: which turn it is in. False where a joint that needs homing is not at its mark.</summary>
    public bool TryFindTurn(int ticks, out double angleRad)
    {
        (_lastStamp, Jumps, LastTicks) = (0, 0, ticks);
        return _encoder.TryFindTurn(ticks, out angleRad);
    }

    /// <summary>One more answer that did not come. Returns how many in a row.</summary>
    public int CountMiss() => ++_misses;

    /// <summary>
    /// Whether an error is in one place of an answer only, the first time: its error byte and its status register say the same,
    /// or the answer is damaged.
    /// </summary>
    public bool Doubts(FeetechErrors register, FeetechErrors packet)
    {
        _doubted = (register | packet) != FeetechErrors.None && (register & packet) == FeetechErrors.None && !_doubted;
        return _doubted;
    }

    /// <summary>
    /// Converts a reading. False where the position cannot be: behind an 8-bit sum, that is a damaged answer or a broken encoder.
    /// </summary>
    public bool TryConvert(in FeetechReading reading, long now, Span<double> state)
    {
        _misses = 0;
        double ticks = (reading.PositionRad / FeetechUnits.RadPerTick) + FeetechUnits.ZeroTicks,
            angle = _encoder.Read((int)Math.Round(ticks));
        double allowed = JumpMarginRad + (JumpSpeed * TimeSpan.FromTicks(now - _lastStamp).TotalSeconds);
        if (_lastStamp != 0 && Math.Abs(angle - _last) > allowed / _calibration.GearRatio)
        {
            Jumps++;
            return false;
        }

        (_last, _lastStamp, Jumps, LastTicks) = (angle, now, 0, (int)Math.Round(ticks));
        state[0] = angle;
        state[1] = _encoder.Velocity(reading.VelocityRadPerSecond);
        state[2] = reading.Amperes;
        state[3] = reading.Volts;
        state[4] = reading.Celsius;
        state[5] = _calibration.Direction * reading.Load;
        return true;
    }

    /// <summary>From power-on, the hold command at <paramref name="state"/> is the goal that was written then, and no other.</summary>
    public void HoldAt(double state, CommandInterface command, int goal) => _held.Hold(state, command, goal);

    /// <summary>Register value of the next command of a cycle.</summary>
    public int Next(double command) => _held.TryGet(command, out int goal) ? goal : Goal(command);

    /// <summary>Register value of a command.</summary>
    public int Goal(double command) =>
        IsVelocity
            ? FeetechUnits.VelocityRaw(_encoder.EncoderVelocity(command))
            : Math.Clamp(_encoder.Goal(command), Kept.LeastGoal, Kept.GreatestGoal);

    /// <summary>Turn of the encoder, in the calibration's count, that the middle of the range is in.</summary>
    private long WindowTurn =>
        (long)Math.Floor((_calibration.Ticks((_calibration.LeastRad + _calibration.GreatestRad) / 2) + 0.5) / FeetechUnits.TicksPerTurn);

    private static double Near(double limit, double own) => Math.Abs(limit - own) < Rounding ? own : limit;

    /// <summary>Angle of a tick of the turn that the range is in.</summary>
    private double WindowAngle(int ticks) => _calibration.AngleRad(ticks + (WindowTurn * (double)FeetechUnits.TicksPerTurn));
}
