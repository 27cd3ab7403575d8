namespace RobotRl.Hardware.Emulation;

/// <summary>
/// A joint behind a geared motor: inertia, friction, gravity, a torque that falls to nothing at the no-load speed, and the
/// firmware's position and velocity loops. Stepped in pieces of <see cref="StepSeconds"/>.
/// </summary>
/// <remarks>Loop gains are ours, stiff enough for 20 rad/s^2 and slow enough for the step; the makers publish none in SI.</remarks>
internal sealed class EmulatedJoint(EmulatedLoad load, double stallTorqueNm, double noLoadSpeed)
{
    public const double StepSeconds = 0.0005;

    private const double PositionGain = 20,
        VelocityGain = 100;

    public double PositionRad { get; set; }

    public double VelocityRadPerSecond { get; private set; }

    /// <summary>What the motor gives.</summary>
    public double TorqueNm { get; private set; }

    public double StallTorqueNm => stallTorqueNm;

    public ServoDrive Drive { get; set; }

    /// <summary>The goal: rad, rad/s, N m or a fraction of the supply, as the drive has it.</summary>
    public double Goal { get; set; }

    /// <summary>Speed limit of a move to a position, rad/s.</summary>
    public double SpeedLimit { get; set; } = double.PositiveInfinity;

    /// <summary>Acceleration limit of the loops, rad/s^2.</summary>
    public double AccelerationLimit { get; set; } = double.PositiveInfinity;

    /// <summary>Part of the stall torque that the firmware permits.</summary>
    public double TorqueLimit { get; set; } = 1;

    /// <summary>Part of the supply that the firmware permits: it bounds the speed too, and brakes what turns faster.</summary>
    public double VoltageLimit { get; set; } = 1;

    /// <summary>What the position loop's gain is multiplied by.</summary>
    public double PositionGainFactor { get; set; } = 1;

    /// <summary>Whether the loops get no position: the motor does what the last one asked for.</summary>
    public bool IsBlind { get; set; }

    public void Step()
    {
        double gravity = load.GravityNm * Math.Sin(PositionRad);
        if (!IsBlind || Drive == ServoDrive.Off)
        {
            TorqueNm = MotorTorque(gravity);
        }

        // Torque pulls a positive position down: 0 rad is up.
        double drive = TorqueNm + gravity - (load.ViscousNmPerRadPerSecond * VelocityRadPerSecond);
        double step = StepSeconds / load.Inertia;
        double velocity = VelocityRadPerSecond + (drive * step);
        double friction = load.CoulombNm * step;

        // Friction stops, it never turns round.
        VelocityRadPerSecond = Math.Abs(velocity) <= friction ? 0 : velocity - (Math.Sign(velocity) * friction);
        PositionRad += VelocityRadPerSecond * StepSeconds;
    }

    private double MotorTorque(double gravity)
    {
        if (Drive == ServoDrive.Off)
        {
            return 0;
        }

        double wanted = Drive switch
        {
            ServoDrive.Torque => Goal,
            ServoDrive.Voltage => (Goal * stallTorqueNm) - (stallTorqueNm * VelocityRadPerSecond / noLoadSpeed),
            ServoDrive.Velocity => Loop(Math.Clamp(Goal, -noLoadSpeed, noLoadSpeed), gravity),
            _ => Loop(ToGoal(), gravity),
        };

        // Back-EMF takes from the torque in the direction of motion, and gives to it against.
        double speed = Math.Clamp(VelocityRadPerSecond / noLoadSpeed, -1, 1),
            limit = TorqueLimit * stallTorqueNm;
        double most = Math.Min(limit, stallTorqueNm * (VoltageLimit - speed)),
            least = Math.Max(-limit, -stallTorqueNm * (VoltageLimit + speed));
        return Math.Min(most, Math.Max(least, wanted));
    }

    /// <summary>Velocity towards the goal, from which the joint can still be braked in time.</summary>
    private double ToGoal()
    {
        double way = Goal - PositionRad;
        double greatest = Math.Min(Math.Min(SpeedLimit, noLoadSpeed), Math.Sqrt(2 * AccelerationLimit * Math.Abs(way)));
        return double.IsNaN(greatest) ? 0 : Math.Clamp(PositionGain * PositionGainFactor * way, -greatest, greatest);
    }

    /// <summary>Velocity loop with the load's steady torques taken up, as an integrator does in the end.</summary>
    private double Loop(double velocity, double gravity)
    {
        double acceleration = Math.Clamp(VelocityGain * (velocity - VelocityRadPerSecond), -AccelerationLimit, AccelerationLimit);
        double friction = velocity == 0 ? 0 : Math.Sign(velocity) * load.CoulombNm;
        return (load.Inertia * acceleration) + friction + (load.ViscousNmPerRadPerSecond * VelocityRadPerSecond) - gravity;
    }
}
