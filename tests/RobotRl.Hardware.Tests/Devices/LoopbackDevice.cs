using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Tests.Devices;

/// <summary>
/// A device in memory with three joints, commanded by position, velocity and effort, and faults that a test switches on. The
/// velocity joint slows down over some cycles, so that a controlled stop lasts.
/// </summary>
internal sealed class LoopbackDevice(
    TimeProvider time,
    bool damping = true,
    InterfaceKind wrist = InterfaceKind.Effort,
    bool velocities = true,
    bool positions = true
) : IDevice, IStopSource
{
    private const int Joints = 3;
    private const double SlowDown = 0.5;

    private readonly MonotonicStamp _clock = new(time);
    private readonly double[] _state = new double[2 * Joints];

    public RobotDescription Description { get; private set; } =
        new(
            "loopback",
            [
                new("shoulder/position", InterfaceKind.Position, "rad", -2, 2),
                new("shoulder/velocity", InterfaceKind.Velocity, "rad/s", double.NegativeInfinity, double.PositiveInfinity),
                new("elbow/position", InterfaceKind.Position, "rad", double.NegativeInfinity, double.PositiveInfinity),
                new("elbow/velocity", InterfaceKind.Velocity, "rad/s", -3, 3),
                new("wrist/position", InterfaceKind.Position, "rad", double.NegativeInfinity, double.PositiveInfinity),
                new("wrist/velocity", InterfaceKind.Velocity, "rad/s", double.NegativeInfinity, double.PositiveInfinity),
            ],
            [
                new("shoulder/position", InterfaceKind.Position, "rad", -2, 2, 0)
                {
                    PositionState = positions ? "shoulder/position" : null,
                    VelocityState = velocities ? "shoulder/velocity" : null,
                },
                new("elbow/velocity", InterfaceKind.Velocity, "rad/s", -3, 3, 0)
                {
                    PositionState = positions ? "elbow/position" : null,
                    VelocityState = velocities ? "elbow/velocity" : null,
                },
                new("wrist/effort", wrist, "N m", -1, 1, 0)
                {
                    PositionState = positions ? "wrist/position" : null,
                    VelocityState = velocities ? "wrist/velocity" : null,
                },
            ],
            TimeSpan.FromMilliseconds(10)
        )
        {
            HasDamping = damping,
        };

    public string? Fault { get; set; }

    public DemandedStop? DemandedStop { get; set; }

    /// <summary>What the elbow moves in each exchange, rad, whatever it is told: it is pushed.</summary>
    public double Pushed { get; set; }

    /// <summary>What an exchange says instead of Ok.</summary>
    public IoStatus Answer { get; set; } = IoStatus.Ok;

    /// <summary>Whether it answers that its positions cannot be believed.</summary>
    public bool IsBlind { get; set; }

    /// <summary>Whether answers come, but too late.</summary>
    public bool IsLate { get; set; }

    /// <summary>Greatest shoulder position that the device itself allows; it is known once it is connected.</summary>
    public double? KeptMaximum { get; set; }

    /// <summary>Whether Connect throws.</summary>
    public bool Away { get; set; }

    /// <summary>Whether the cause of <see cref="Fault"/> persists.</summary>
    public bool Persists { get; set; }

    /// <summary>Power-offs that are not confirmed from now on.</summary>
    public int SilentPowerOffs { get; set; }

    /// <summary>Thrown out of the next exchange: what a device must not do.</summary>
    public Exception? Bug { get; set; }

    /// <summary>Thrown out of every power-on, once power is there.</summary>
    public Exception? PowerOnBug { get; set; }

    /// <summary>Thrown out of the next power-off: what a device must not do.</summary>
    public Exception? PowerOffBug { get; set; }

    /// <summary>Called in every power-off.</summary>
    public Action? SwitchesOff { get; set; }

    /// <summary>How long an exchange lasts on a fake clock.</summary>
    public Action? Lasts { get; set; }

    public bool Connected { get; private set; }

    public bool Powered { get; private set; }

    public int Connects { get; private set; }

    public int PowerOffs { get; private set; }

    /// <summary>The last command sent; empty where none was.</summary>
    public double[] Sent { get; private set; } = [];

    public int Exchanges { get; private set; }

    public double[] State => _state;

    public void Connect()
    {
        Connects++;
        if (Away)
        {
            throw new RobotException("loopback", "Robot loopback: nothing there. Plug it in.");
        }

        if (KeptMaximum is { } most)
        {
            Description = Description with
            {
                Commands = Description.Commands.SetItem(0, Description.Commands[0].Narrow(-2, most, "a limit kept in the device")),
            };
        }

        (Connected, Powered) = (true, false);
    }

    public void Disconnect() => Connected = false;

    public DeviceReading Exchange(ReadOnlySpan<double> command, Span<double> state)
    {
        Exchanges++;
        Lasts?.Invoke();
        if (Bug is { } bug)
        {
            Bug = null;
            throw bug;
        }

        if (Answer is IoStatus.NotFresh or IoStatus.LinkLost)
        {
            return new(Answer, 0) { CameLate = IsLate };
        }

        Record(command);
        _state[2] += Pushed;
        if (Powered && command.Length > 0)
        {
            (_state[0], _state[1]) = (command[0], 0);
            _state[3] = command[1] == 0 ? SlowDown * _state[3] : command[1];
            _state[5] = command[2];
        }

        if (IsBlind)
        {
            return new(IoStatus.DeviceFault, 0);
        }

        _state.CopyTo(state);
        return new(Answer, _clock.Now);
    }

    public void PowerOn(ReadOnlySpan<double> state)
    {
        Powered = true;
        if (PowerOnBug is { } bug)
        {
            throw bug;
        }
    }

    public bool PowerOff()
    {
        PowerOffs++;
        SwitchesOff?.Invoke();
        if (PowerOffBug is { } bug)
        {
            PowerOffBug = null;
            throw bug;
        }

        if (SilentPowerOffs > 0)
        {
            SilentPowerOffs--;
            return false;
        }

        Powered = false;
        return Connected;
    }

    public void ClearFault() => Fault = Persists ? throw new RobotException("loopback", $"Robot loopback: still {Fault}.") : null;

    public void Dispose() => Disconnect();

    /// <summary>Without allocating once the length is known.</summary>
    private void Record(ReadOnlySpan<double> command)
    {
        if (Sent.Length != command.Length)
        {
            Sent = new double[command.Length];
        }

        command.CopyTo(Sent);
    }
}
