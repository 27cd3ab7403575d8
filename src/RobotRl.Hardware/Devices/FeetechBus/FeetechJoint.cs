using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>One joint at work: its servo, its place in the vectors, its conversions.</summary>
internal sealed class FeetechJoint
{
    /// <summary>Values that each joint reports.</summary>
    public const int States = 5;

    // A reading that no joint can have got to since the last one: three times the no-load speed, and a margin for the first cycles.
    private const double JumpSpeed = 15, JumpMarginRad = 0.15;

    private readonly JointCalibration _calibration;
    private readonly JointEncoder _encoder;
    private double _last;
    private long _lastStamp;
    private int _misses;

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

    /// <summary>Fastest that the joint may be commanded, rad/s.</summary>
    public double MaxVelocity => Options.MaxVelocity;

    /// <summary>Register value of the speed limit of moves.</summary>
    public int SpeedLimit => Math.Abs(FeetechUnits.VelocityRaw(_encoder.EncoderVelocity(MaxVelocity)));

    /// <summary>Fastest that any of <paramref name="joints"/> is taken to move, rad/s at the servo: twice the limit that it is set to, since a load may push it.</summary>
    public static double FastestOf(FeetechJoint[] joints) =>
        2 * FeetechUnits.RadPerTick * joints.Where(j => !j.IsVelocity).Select(j => j.SpeedLimit).DefaultIfEmpty(1).Max();

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
            JointCalibration calibration = file is null ? new() : file.Joints.TryGetValue(name, out JointCalibration? found)
                ? found
                : throw new RobotException(FeetechBusDevice.Kind, $"Calibration file {options.Calibration} has no joint {name}; it has {string.Join(", ", file.Joints.Keys)}. Calibrate it, or correct the name.");
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
        yield return new($"{Name}/voltage", InterfaceKind.Voltage, "V", 0, Infinity) { AllowedMinimum = Options.MinVoltage, AllowedMaximum = Options.MaxVoltage };
        yield return new($"{Name}/temperature", InterfaceKind.Temperature, "deg C", 0, Infinity) { AllowedMaximum = Options.MaxTemperature };
    }

    public CommandInterface Command() => IsVelocity
        ? new($"{Name}/velocity", InterfaceKind.Velocity, "rad/s", -MaxVelocity, MaxVelocity, 0) { PositionState = $"{Name}/position", VelocityState = $"{Name}/velocity" }
        : new($"{Name}/position", InterfaceKind.Position, "rad", _calibration.LeastRad, _calibration.GreatestRad, 0) { PositionState = $"{Name}/position", VelocityState = $"{Name}/velocity" };

    /// <summary>The first reading: which turn it is in. False where a joint that needs homing is not at its mark.</summary>
    public bool TryFindTurn(int ticks, out double angleRad)
    {
        (_lastStamp, Jumps) = (0, 0);
        return _encoder.TryFindTurn(ticks, out angleRad);
    }

    /// <summary>One more answer that did not come. Returns how many in a row.</summary>
    public int CountMiss() => ++_misses;

    /// <summary>Converts a reading. False where the position cannot be: behind an 8-bit sum, that is a damaged answer or a broken encoder.</summary>
    public bool TryConvert(in FeetechReading reading, long now, Span<double> state)
    {
        _misses = 0;
        double ticks = (reading.PositionRad / FeetechUnits.RadPerTick) + FeetechUnits.ZeroTicks, angle = _encoder.Read((int)Math.Round(ticks));
        double allowed = JumpMarginRad + (JumpSpeed * TimeSpan.FromTicks(now - _lastStamp).TotalSeconds);
        if (_lastStamp != 0 && Math.Abs(angle - _last) > allowed / _calibration.GearRatio)
        {
            Jumps++;
            return false;
        }

        (_last, _lastStamp, Jumps) = (angle, now, 0);
        state[0] = angle;
        state[1] = _encoder.Velocity(reading.VelocityRadPerSecond);
        state[2] = reading.Amperes;
        state[3] = reading.Volts;
        state[4] = reading.Celsius;
        return true;
    }

    /// <summary>Register value of a command.</summary>
    public int Goal(double command) => IsVelocity
        ? FeetechUnits.VelocityRaw(_encoder.EncoderVelocity(command))
        : Math.Clamp(_encoder.Goal(command), 0, FeetechUnits.TicksPerTurn - 1);
}
