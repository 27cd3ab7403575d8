using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.DynamixelBus;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Devices.Mcu;
using RobotRl.Hardware.Devices.MqttRobot;

namespace RobotRl.Runtime.Configuration;

/// <summary>Which robot (section <c>Robot</c>), and a section for each kind that needs one; the others' may stay in the file.</summary>
public sealed record RobotOptions
{
    /// <summary>Name of a built-in robot or of one that the program added. Default pendulum: the main job's.</summary>
    public string Name { get; set; } = "pendulum";

    /// <summary>The servo bus of <c>Robot:Name</c> dynamixel-bus. Default null.</summary>
    public DynamixelBusOptions? DynamixelBus { get; set; }

    /// <summary>The motor controller of <c>Robot:Name</c> mcu. Default null: the pendulum rig on /dev/ttyACM0.</summary>
    public McuOptions? Mcu { get; set; }

    /// <summary>The Feetech servos of <c>Robot:Name</c> feetech-bus. Default null: none, so that they must be named.</summary>
    public FeetechBusOptions? FeetechBus { get; set; }

    /// <summary>
    /// The robot behind an MQTT broker of <c>Robot:Name</c> mqtt. Default null: the pendulum of <c>robotrl emulate mqtt</c> at a
    /// broker on this machine.
    /// </summary>
    public MqttRobotOptions? Mqtt { get; set; }

    /// <summary>Every problem with these options. Of the sections only the chosen robot's is looked at.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (string.IsNullOrWhiteSpace(Name))
        {
            return [$"{path}:Name is \"{Name}\"; allowed: the name of a robot. `robotrl doctor` lists them."];
        }

        return Sections(this).Where(s => s.Robot == Name).SelectMany(s => s.Validate($"{path}:{s.Name}"));
    }

    /// <summary>A sentence for each section that is set although another robot was chosen.</summary>
    public IEnumerable<string> Unused(string path) =>
        Sections(this)
            .Where(s => s.IsSet && s.Robot != Name)
            .Select(s => $"{path}:{s.Name} is set and not used: {path}:Name is \"{Name}\", and only \"{s.Robot}\" reads it.");

    /// <summary>The driver's options of the chosen robot and where they stand; null for a robot without a driver of ours.</summary>
    internal (string Path, DriverOptions Options)? Driver =>
        Name switch
        {
            DynamixelBusDevice.Kind => ("Robot:DynamixelBus:Driver", (DynamixelBus ?? new()).Driver),
            FeetechBusDevice.Kind => ("Robot:FeetechBus:Driver", (FeetechBus ?? new()).Driver),
            "mcu" => ("Robot:Mcu:Driver", (Mcu ?? new()).Driver),
            "mqtt" => ("Robot:Mqtt:Driver", (Mqtt ?? new()).Driver),
            _ => null,
        };

    /// <summary>
    /// One line for each kind of robot with a section of its own: a nullable property of this record, null unless somebody set it.
    /// A robot is made from its section, or, where that is null, from its defaults.
    /// </summary>
    internal static IEnumerable<DeviceSection> Sections(RobotOptions robot) =>
        [
            new("DynamixelBus", DynamixelBusDevice.Kind, robot.DynamixelBus is not null, path =>
                (robot.DynamixelBus ?? new()).Validate(path)
            ),
            new("FeetechBus", FeetechBusDevice.Kind, robot.FeetechBus is not null, path => (robot.FeetechBus ?? new()).Validate(path)),
            new("Mcu", "mcu", robot.Mcu is not null, path => (robot.Mcu ?? new()).Validate(path)),
            new("Mqtt", "mqtt", robot.Mqtt is not null, path => (robot.Mqtt ?? new()).Validate(path)),
        ];
}
