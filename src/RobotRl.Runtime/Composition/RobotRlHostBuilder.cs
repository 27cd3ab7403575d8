using System.Collections;
using RobotRl.Algorithms;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.DynamixelBus;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Devices.Mcu;
using RobotRl.Hardware.Devices.MqttRobot;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Tasks;
using RobotRl.Sim;

namespace RobotRl.Runtime.Composition;

/// <summary>Puts a program together: which robots and tasks there are beside the built-in ones.</summary>
public sealed class RobotRlHostBuilder
{
    private readonly IReadOnlyList<string> _arguments;
    private readonly RobotCatalogue _robots = new();
    private readonly TaskCatalogue _tasks = new();

    internal RobotRlHostBuilder(IReadOnlyList<string> arguments)
    {
        _arguments = arguments;
        foreach (string robot in SimulatedRobots.Names)
        {
            _robots.Add(robot, () => SimulatedRobots.Create(robot));
            string? task = ControlTasks.DefaultFor(robot);
            if (task is not null)
            {
                _tasks.Add(task, (description, options) => ControlTasks.Create(task, description, options), robot);
            }
        }

        _robots.Add(DynamixelBusDevice.Kind, robot => DynamixelBusDevice.CreateRobot(robot.DynamixelBus ?? new(), TimeProvider.System));
        _robots.Add(FeetechBusDevice.Kind, robot =>
            FeetechBusDevice.CreateRobot(robot.FeetechBus ?? new(), TimeProvider.System, message => Error.WriteLine(message))
        );
        _robots.Add("mcu", robot => McuDevice.CreateRobot(robot.Mcu ?? new(), TimeProvider.System));
        _robots.Add("mqtt", robot => MqttRobots.Create(robot.Mqtt ?? new(), TimeProvider.System, message => Error.WriteLine(message)));
        ServoCalibration.AddTo(_robots);
        foreach (string device in (string[])[DynamixelBusDevice.Kind, FeetechBusDevice.Kind, "mcu"])
        {
            string task = ControlTasks.DefaultFor(device)!;
            _tasks.Add(task, (description, options) => ControlTasks.Create(task, description, options), device);
        }

        foreach (string task in ControlTasks.Names)
        {
            _tasks.Add(task, (description, options) => ControlTasks.Create(task, description, options));
        }
    }

    /// <summary>Where results go. Default: standard output.</summary>
    public TextWriter Output { get; set; } = StandardStreams.Output;

    /// <summary>Where everything else goes. Default: standard error.</summary>
    public TextWriter Error { get; set; } = StandardStreams.Error;

    /// <summary>Environment variables that options are taken from. Default: the process's.</summary>
    public IDictionary Environment { get; set; } = System.Environment.GetEnvironmentVariables();

    /// <summary>Makes sessions.</summary>
    internal ISessionFactory Sessions { get; set; } = new RunSessionFactory(TimeProvider.System);

    /// <summary>Adds a robot under a name for <c>Robot:Name</c>. It is made, Closed, when a session needs it.</summary>
    public RobotRlHostBuilder AddRobot(string name, Func<IRobot> create)
    {
        _robots.Add(name, create);
        return this;
    }

    /// <summary>Adds a robot that is made from the section <c>Robot</c>.</summary>
    public RobotRlHostBuilder AddRobot(string name, Func<RobotOptions, IRobot> create)
    {
        _robots.Add(name, create);
        return this;
    }

    /// <summary>Adds a task under a name for <c>Task:Name</c>; it is also the task of the robot with the same name.</summary>
    public RobotRlHostBuilder AddTask(string name, Func<IControlTask> create)
    {
        _tasks.Add(name, create);
        return this;
    }

    /// <summary>Adds a task that <paramref name="robot"/> does unless another is asked for.</summary>
    public RobotRlHostBuilder AddTask(string name, string robot, Func<IControlTask> create)
    {
        _tasks.Add(name, create, robot);
        return this;
    }

    /// <summary>
    /// Adds a task that is made from the robot's description, whose ControlPeriod is then the loop's (Loop:RateHz), and the
    /// section <c>Task</c>.
    /// </summary>
    public RobotRlHostBuilder AddTask(string name, Func<RobotDescription, TaskOptions, IControlTask> create)
    {
        _tasks.Add(name, create);
        return this;
    }

    /// <summary>
    /// Puts something around every learner that a session makes: figures of one's own, or faults for a test. What it returns is
    /// disposed by the session and has to dispose what it wraps.
    /// </summary>
    public RobotRlHostBuilder WrapLearner(Func<ILearner, ILearner> wrap)
    {
        ArgumentNullException.ThrowIfNull(wrap);
        Sessions = new RunSessionFactory(TimeProvider.System, wrap);
        return this;
    }

    /// <summary>The finished program.</summary>
    public RobotRlProgram Build() => new(_arguments, new CommandContext(_robots, _tasks, Sessions, Output, Error, Environment));
}
