using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Timing;

// A runtime that drives a Feetech bus until it is killed: PORT GUARDIAN-PROGRAM SERVOS MANNER. It swings every joint, says
// "powered" once they move, "fault: ..." where there is one, and ends in order at the end of its standard input.
var options = new FeetechBusOptions
{
    Serial = { Port = args[0] },
    Guardian = { Program = args[1], Manner = Enum.Parse<GuardianManner>(args[3]) },
};
for (int id = 1; id <= int.Parse(args[2], CultureInfo.InvariantCulture); id++)
{
    options.Servos[$"joint{id}"] = new() { Id = id };
}

bool ended = false;
new Thread(() =>
{
    while (Console.In.ReadLine() is not null) { }

    Volatile.Write(ref ended, true);
})
{
    IsBackground = true,
}.Start();

using DeviceDriver robot = FeetechBusDevice.CreateRobot(options, TimeProvider.System);
try
{
    robot.Open();
    robot.PowerOn();
}
catch (RobotException error)
{
    Console.WriteLine($"error: {error.Message}");
    return 2;
}

var state = new double[robot.Description.States.Length];
var command = new double[robot.Description.Commands.Length];
long periodNs = (long)options.ControlPeriod.TotalNanoseconds,
    next = MonotonicClock.NowNs;
for (int tick = 0; !Volatile.Read(ref ended); tick++)
{
    MonotonicClock.SleepUntil(next += periodNs);
    robot.Read(state);
    if (robot.State == DeviceState.Faulted)
    {
        Console.WriteLine($"fault: {robot.FaultReason}");
        return 3;
    }

    // Far ahead of the joints, so that they are moving whenever it is killed.
    Array.Fill(command, tick / 40 % 2 == 0 ? 2.5 : -2.5);
    ReadResult read = robot.Read(state);
    if (read.Status == IoStatus.DeviceFault)
    {
        robot.RequestStop(StopLevel.Hold, "device fault");
        Console.WriteLine("fault: the device reports one");
        MonotonicClock.SleepUntil(MonotonicClock.NowNs + (10 * periodNs));
        return 3;
    }

    robot.Write(command);
    if (tick == 20)
    {
        Console.WriteLine("powered");
    }
}

robot.PowerOff();
robot.Close();
Console.WriteLine("ended in order");
return 0;
