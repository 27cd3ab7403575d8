using System.Security.Cryptography;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Transports;
using RobotRl.Hardware.Transports.Mqtt;

namespace RobotRl.Hardware.Devices.MqttRobot;

/// <summary>Makes robots behind a broker from their options.</summary>
public static class MqttRobots
{
    /// <summary>
    /// Makes the device of <paramref name="options"/>, with a link of its own. Without a description file the broker is asked for
    /// the robot's birth.
    /// </summary>
    /// <exception cref="RobotException">There is no description.</exception>
    /// <exception cref="TransportException">The broker cannot be reached or refuses.</exception>
    public static MqttRobotDevice CreateDevice(MqttRobotOptions options, TimeProvider time, Action<string> notice)
    {
        ArgumentNullException.ThrowIfNull(options);
        var link = new MqttLink(options.Link, $"robotrl-{options.Robot}-{Random64():x16}", time);
        try
        {
            RobotDescription description = options.DescriptionFile is { } file
                ? RobotDescriptions.Load(options.Robot, file)
                : RobotDescriptions.Fetch(options.Robot, link, options.AnswerTimeout);
            return new MqttRobotDevice(options, description, link, time, notice);
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>Makes the robot of <paramref name="options"/>: the device, and a driver around it.</summary>
    /// <exception cref="RobotException">There is no description, or the driver's options do not fit it.</exception>
    /// <exception cref="TransportException">The broker cannot be reached or refuses.</exception>
    public static DeviceDriver Create(MqttRobotOptions options, TimeProvider time, Action<string> notice)
    {
        ArgumentNullException.ThrowIfNull(options);
        MqttRobotDevice device = CreateDevice(options, time, notice);
        string[] problems = [.. options.Driver.Validate("Robot:Mqtt:Driver", device.Description.ControlPeriod)];
        if (problems.Length > 0)
        {
            device.Dispose();
            throw new RobotException(options.Robot, string.Join(" ", problems));
        }

        return new(device, options.Driver, time);
    }

    /// <summary>
    /// What the robot's side knows: a faulted robot ought to carry no power, and does not before a stop of it was read back.
    /// </summary>
    internal static bool IsWithoutPower(DeviceState state, StopLevel stop, bool confirmed) =>
        state is DeviceState.Closed or DeviceState.Readable
        || (state == DeviceState.Faulted && stop >= StopLevel.ControlledStop && confirmed);

    /// <summary>An identity that nobody guesses; never 0.</summary>
    internal static ulong Random64()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes) | 1;
    }
}
