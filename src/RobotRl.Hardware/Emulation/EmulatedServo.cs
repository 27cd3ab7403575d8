namespace RobotRl.Hardware.Emulation;

/// <summary>One servo of an emulated bus, as an observer beside it sees it: what is, not what it reports. Any thread may read.</summary>
public abstract class EmulatedServo
{
    /// <summary>Room temperature, degrees Celsius.</summary>
    public const double RoomCelsius = 25;

    /// <summary>A servo that overheats by <see cref="EmulatedFaults"/> is this hot.</summary>
    public const double OverheatedCelsius = 85;

    // Heating by I^2 R and cooling through the case: 1 A for minutes makes about 60 degrees, as an XL330 or STS3215 does.
    private const double CelsiusPerSquareAmpere = 35,
        ThermalSeconds = 120;

    private double _celsius = RoomCelsius;
    private bool _wasHot;
    private long _torqueChanged;
    private volatile bool _torque;

    private protected EmulatedServo(byte id, EmulatedJoint joint, double stallCurrentA, double ratedVolts)
    {
        (Id, Joint, StallCurrentA, RatedVolts) = (id, joint, stallCurrentA, ratedVolts);
        SupplyVolts = ratedVolts;
    }

    /// <summary>Its id on the bus.</summary>
    public byte Id { get; protected set; }

    /// <summary>Position, rad.</summary>
    public double PositionRad => Joint.PositionRad;

    /// <summary>Velocity, rad/s.</summary>
    public double VelocityRadPerSecond => Joint.VelocityRadPerSecond;

    /// <summary>Torque of the motor, N m.</summary>
    public double TorqueNm => Joint.TorqueNm;

    /// <summary>Temperature, degrees Celsius.</summary>
    public double Celsius => _celsius;

    /// <summary>Whether the motor carries power.</summary>
    public bool IsTorqueOn => _torque;

    /// <summary>When torque was last switched on or off, in the bus's clock since its start; zero where never.</summary>
    public TimeSpan TorqueChangedAt => new(Volatile.Read(ref _torqueChanged));

    /// <summary>The part of full torque that is permitted now, 0 to 1.</summary>
    public double TorqueLimit => Joint.TorqueLimit;

    internal EmulatedJoint Joint { get; }

    private protected double StallCurrentA { get; }

    private protected double RatedVolts { get; }

    private protected double SupplyVolts { get; private set; }

    /// <summary>Time of the bus, ticks since its start.</summary>
    private protected long Now { get; private set; }

    private protected double Amperes => Joint.TorqueNm / Joint.StallTorqueNm * StallCurrentA;

    private protected bool IsBlind => Joint.IsBlind;

    /// <summary>Lets time pass, and has the firmware look at its own state.</summary>
    internal void AdvanceTo(long now, int steps, EmulatedFaults faults)
    {
        Now = now;
        SupplyVolts = faults.SupplyVolts ?? RatedVolts;
        Joint.IsBlind = faults.HasLostEncoder(Id);
        for (int i = 0; i < steps; i++)
        {
            Joint.Step();
        }

        double seconds = steps * EmulatedJoint.StepSeconds,
            amperes = Amperes;
        double end = RoomCelsius + (CelsiusPerSquareAmpere * amperes * amperes);
        bool hot = faults.IsOverheated(Id);
        double from = _wasHot && !hot ? RoomCelsius : _celsius;
        _celsius = hot ? OverheatedCelsius : from + ((end - from) * Math.Min(1, seconds / ThermalSeconds));
        _wasHot = hot;
        Watch(seconds);
    }

    /// <summary>Puts the joint somewhere at rest, as the servo finds it when it starts; only before the bus runs.</summary>
    public void Place(double positionRad)
    {
        Joint.PositionRad = positionRad;
        OnPlaced();
    }

    /// <summary>
    /// Turns the joint by hand to a place, without power being switched: the servo counts on. Only before the bus runs, or on its
    /// thread.
    /// </summary>
    public void Turn(double positionRad) => Joint.PositionRad = positionRad;

    private protected void SetTorque(bool on)
    {
        if (_torque != on)
        {
            Volatile.Write(ref _torqueChanged, Math.Max(1, Now));
        }

        _torque = on;
    }

    /// <summary>The firmware's look at voltage, heat and load; <paramref name="seconds"/> have passed.</summary>
    private protected abstract void Watch(double seconds);

    private protected virtual void OnPlaced() { }
}
