using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus;

/// <summary>A device at an emulated bus on a fake clock: shoulder and elbow by position, a wheel by velocity.</summary>
internal sealed class FeetechRig : IDisposable
{
    public const int States = 18,
        ShoulderPosition = 0,
        WheelVelocity = 13;

    public FeetechRig(
        Action<FeetechBusOptions>? change = null,
        int servos = 3,
        EmulatedLoad? load = null,
        Func<ITransport, FakeTimeProvider, ITransport>? between = null
    )
    {
        change?.Invoke(Options);
        (Near, MemoryTransport far) = MemoryTransport.CreatePair("bus", Time.Advance);
        Bus = new(far, servos, Time, load);
        far.Open();
        Near.Written = () => Bus.Serve(TimeSpan.Zero);
        Guardian = new();
        Device = new(Options, between?.Invoke(Near, Time) ?? Near, Time, Guardian);
    }

    public FeetechBusOptions Options { get; } =
        new()
        {
            Serial = new() { Port = "/dev/does-not-exist" },
            Servos =
            {
                ["wheel"] = new()
                {
                    Id = 3,
                    Mode = FeetechCommandMode.Velocity,
                    MaxVelocity = 5,
                },
                ["shoulder"] = new() { Id = 1 },
                ["elbow"] = new() { Id = 2 },
            },
        };

    public FakeTimeProvider Time { get; } = new();

    public MemoryTransport Near { get; }

    public FeetechBusEmulator Bus { get; }

    public FakeGuardian Guardian { get; }

    public FeetechBusDevice Device { get; }

    public double[] State { get; } = new double[States];

    /// <summary>Torque was switched off since the supply came.</summary>
    public FeetechRig WithoutTorque()
    {
        foreach (EmulatedServo servo in Bus.Servos)
        {
            Bus.Servo(servo.Id).Preset(FeetechTable.TorqueEnable, 0);
        }

        return this;
    }

    /// <summary>Connected, and powered where it is.</summary>
    public FeetechRig PoweredOn()
    {
        Device.Connect();
        Cycle();
        Device.PowerOn(State);
        return this;
    }

    /// <summary>One cycle of 20 ms.</summary>
    public Hardware.Devices.DeviceReading Cycle(params double[] command)
    {
        Time.Advance(TimeSpan.FromMilliseconds(20));
        return Device.Exchange(command, State);
    }

    public void Dispose()
    {
        Device.Dispose();
        Bus.Dispose();
    }

    internal sealed class FakeGuardian : IFeetechGuardian
    {
        public bool Watches { get; private set; }

        public bool IsGone { get; set; }

        public bool LastPowered { get; private set; }

        public bool? EndedInOrder { get; private set; }

        public void AwaitBus() { }

        public double Speed { get; private set; }

        public CheckedPositions? Positions { get; private set; }

        public IReadOnlyList<int> TorqueLimits { get; private set; } = [];

        public void Start(double speed, IReadOnlyList<int> torqueLimits) => (Watches, Speed, TorqueLimits) = (true, speed, torqueLimits);

        public bool Beat(bool powered, CheckedPositions positions)
        {
            (LastPowered, Positions) = (powered, positions);
            return Watches && !IsGone;
        }

        public void End(bool inOrder)
        {
            EndedInOrder = Watches ? inOrder : EndedInOrder;
            Watches = false;
        }

        public void Dispose() => End(inOrder: true);
    }
}
