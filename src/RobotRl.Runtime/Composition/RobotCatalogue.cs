using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Transports;
using RobotRl.Runtime.Configuration;

namespace RobotRl.Runtime.Composition;

/// <summary>Robots by name: the built-in ones and those that the program added.</summary>
public sealed class RobotCatalogue
{
    private readonly SortedDictionary<string, Func<RobotOptions, IRobot>> _robots = new(StringComparer.Ordinal);

    private readonly SortedDictionary<string, Func<RobotOptions, CalibrationTarget>> _calibrations = new(StringComparer.Ordinal);

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyCollection<string> Names => _robots.Keys;

    /// <summary>Adds a robot that needs no options; the newest of a name holds.</summary>
    public void Add(string name, Func<IRobot> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Add(name, _ => create());
    }

    /// <summary>Adds a robot that is made from the section <c>Robot</c>; the newest of a name holds.</summary>
    public void Add(string name, Func<RobotOptions, IRobot> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        _robots[name] = create;
    }

    /// <summary>Makes the robot that <paramref name="options"/> name, Closed: nothing is opened.</summary>
    /// <exception cref="BadInputException">There is none of that name; the message lists those there are. Or it cannot be made
    /// from its options.</exception>
    public IRobot Create(RobotOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!_robots.TryGetValue(options.Name, out Func<RobotOptions, IRobot>? create))
        {
            throw new BadInputException(
                $"Robot:Name is \"{options.Name}\"; allowed: {string.Join(", ", Names)}. Set one of them, or add yours with AddRobot."
            );
        }

        try
        {
            return create(options);
        }
        catch (Exception exception)
            when (exception is RobotException or TransportException or Hardware.Devices.Calibration.CalibrationException)
        {
            throw new BadInputException(exception.Message, exception);
        }
    }

    /// <summary>Says how the joints of the robot <paramref name="name"/> are calibrated.</summary>
    public void AddCalibration(string name, Func<RobotOptions, CalibrationTarget> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        _calibrations[name] = create;
    }

    /// <summary>What <c>robotrl calibrate</c> works on for the robot that <paramref name="options"/> name; not connected.</summary>
    /// <exception cref="BadInputException">That robot has no joints to calibrate; the message lists those that have.</exception>
    public CalibrationTarget Calibration(RobotOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!_calibrations.TryGetValue(options.Name, out Func<RobotOptions, CalibrationTarget>? create))
        {
            throw new BadInputException(
                $"Robot {options.Name} has no joints to calibrate; robots that have: {string.Join(", ", _calibrations.Keys)}. "
                    + $"Name an options file whose Robot:Name is one of them."
            );
        }

        return create(options);
    }
}
