using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.MqttRobot;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports.Mqtt;
using RobotRl.Sim;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Benchmarks.Mqtt;

/// <summary>The whole way: control thread, driver, MQTT device, mosquitto, MQTT server, simulated pendulum in real time.</summary>
internal sealed class BrokerRig : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Thread _control;
    private volatile bool _ending;
    private volatile int _status = -1,
        _written;
    private long _lostAtNs,
        _linkedAtNs,
        _watchFromNs = long.MaxValue;

    /// <summary>Serves a pendulum under <paramref name="name"/> and opens a driver on it.</summary>
    public BrokerRig(string name, MqttLinkOptions robotLink, MqttLinkOptions sessionLink, Action<string> notice)
    {
        TimeProvider time = TimeProvider.System;
        Simulation = new(new PendulumRobot(), time);
        Server = new(Simulation, new MqttLink(robotLink, $"robot-{name}", time), new() { Robot = name }, time, notice);
        Server.Start();
        Device = MqttRobots.CreateDevice(new() { Robot = name, Link = sessionLink }, time, notice);
        Driver = new(Device, new MqttRobotOptions().Driver, time);
        Driver.Open();
        _control = new(Control) { IsBackground = true, Name = "control" };
        _control.Start();
    }

    public RealTimeSimulation Simulation { get; }

    public MqttRobotServer Server { get; }

    public MqttRobotDevice Device { get; }

    public DeviceDriver Driver { get; }

    public TimeSpan Period => Driver.Description.ControlPeriod;

    /// <summary>How the control thread's newest reading went.</summary>
    public IoStatus Status => (IoStatus)_status;

    /// <summary>Commands that the driver took.</summary>
    public int Written => _written;

    /// <summary>From now on the first tick that sees the loss is looked for.</summary>
    public long Watch()
    {
        Volatile.Write(ref _lostAtNs, 0);
        long now = MonotonicClock.NowNs;
        Volatile.Write(ref _watchFromNs, now);
        return now;
    }

    /// <summary>When the control thread saw the loss: the link lost, or a reading older than three periods.</summary>
    public long WaitForLoss() => WaitFor(ref _lostAtNs, "the loss was not seen");

    /// <summary>
    /// When the control thread first saw the link again after <paramref name="fromNs"/>: attached, clocks compared, robot
    /// unpowered.
    /// </summary>
    public long WaitForReturn(long fromNs)
    {
        Volatile.Write(ref _linkedAtNs, 0);
        long at;
        do
        {
            at = WaitFor(ref _linkedAtNs, "the link did not come back");
            Volatile.Write(ref _linkedAtNs, 0);
        } while (at < fromNs);
        return at;
    }

    /// <summary>As the operator does: clears the fault, powers, and sees commands taken.</summary>
    public void Arm()
    {
        Driver.ClearFault();
        Driver.PowerOn();
        int before = _written;
        Until(() => _written > before + 5 && Simulation.State == DeviceState.Powered, "commands were not taken");
    }

    public static void Until(Func<bool> condition, string what)
    {
        long start = MonotonicClock.NowNs;
        while (!condition())
        {
            if (MonotonicClock.NowNs - start > Patience.TotalNanoseconds)
            {
                throw new InvalidOperationException($"{what} within {Patience.TotalSeconds} s");
            }

            Thread.Sleep(1);
        }
    }

    public void Dispose()
    {
        _ending = true;
        _control.Join();
        Driver.Dispose();
        Server.Dispose();
    }

    private static long WaitFor(ref long stamp, string what)
    {
        long start = MonotonicClock.NowNs,
            seen;
        while ((seen = Volatile.Read(ref stamp)) == 0)
        {
            if (MonotonicClock.NowNs - start > Patience.TotalNanoseconds)
            {
                throw new InvalidOperationException($"{what} within {Patience.TotalSeconds} s");
            }

            Thread.Sleep(1);
        }

        return seen;
    }

    private void Control()
    {
        double[] state = new double[Driver.Description.States.Length],
            command = new double[1];
        long period = (long)Period.TotalNanoseconds;
        for (long tick = MonotonicClock.NowNs; !_ending; tick += period)
        {
            MonotonicClock.SleepUntil(tick);
            ReadResult reading = Driver.Read(state);
            long now = MonotonicClock.NowNs;
            _status = (int)reading.Status;
            bool lost = reading.Status == IoStatus.LinkLost || reading.Age > 3 * Period;
            if (lost && now >= Volatile.Read(ref _watchFromNs))
            {
                Volatile.Write(ref _watchFromNs, long.MaxValue);
                Volatile.Write(ref _lostAtNs, now);
            }
            else if (reading.Status != IoStatus.LinkLost)
            {
                Volatile.Write(ref _linkedAtNs, now);
            }

            command[0] = 0.5 * Math.Sin(tick * 1e-9);
            _written += Driver.Write(command).Status == IoStatus.Ok ? 1 : 0;
        }
    }
}
