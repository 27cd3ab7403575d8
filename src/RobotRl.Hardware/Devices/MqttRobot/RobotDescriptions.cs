using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Transports;
using RobotRl.Hardware.Transports.Mqtt;

namespace RobotRl.Hardware.Devices.MqttRobot;

/// <summary>Finds a robot's description before anything is connected: in a file, or in the birth that the broker keeps.</summary>
public static class RobotDescriptions
{
    /// <summary>Reads a description file, or a birth that somebody saved.</summary>
    /// <exception cref="RobotException">It cannot be read; the message names file and reason.</exception>
    public static RobotDescription Load(string robot, string file)
    {
        string? problem;
        RobotDescription? description = null;
        try
        {
            problem = RobotNotices.TryRead(File.ReadAllText(file), out description);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = error.Message.TrimEnd('.');
        }

        return problem is null
            ? description!
            : throw new RobotException(
                robot,
                $"Robot {robot}: the description file \"{file}\" cannot be used: {problem}. Correct the file, or remove DescriptionFile."
            );
    }

    /// <summary>Asks the broker for the birth of a robot; opens and closes <paramref name="link"/>.</summary>
    /// <exception cref="RobotException">There is none within <paramref name="limit"/>, or it cannot be read.</exception>
    /// <exception cref="TransportException">The broker cannot be reached.</exception>
    public static RobotDescription Fetch(string robot, IMqttLink link, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(link);
        var topics = new RobotTopics(robot);
        using var inbox = new BirthInbox(topics.Birth);
        link.Open(null, [new(topics.Birth, true, true)], inbox);
        try
        {
            return inbox.Wait(limit)
                ? inbox.Birth?.Description
                    ?? throw new RobotException(
                        robot,
                        $"Robot {robot}: what is on topic {topics.Birth} at {link.Name} is not ours: {inbox.Problem}. Clear "
                            + $"the topic and start the robot's side again."
                    )
                : throw NoBirth(robot, topics, link.Name, limit);
        }
        finally
        {
            link.Close();
        }
    }

    internal static RobotException NoBirth(string robot, RobotTopics topics, string broker, TimeSpan limit) =>
        new(
            robot,
            $"Robot {robot}: nothing on topic {topics.Birth} at {broker} within {limit.TotalSeconds:0.###} s. Start the "
                + $"robot's side, correct the robot's name, or permit us to read the topic: "
                + "a broker does not say when it withholds one."
        );

    private sealed class BirthInbox(string topic) : IMqttReceiver, IDisposable
    {
        private readonly ManualResetEventSlim _came = new(false);

        public RobotBirth? Birth { get; private set; }

        public string? Problem { get; private set; }

        public bool Wait(TimeSpan limit) => _came.Wait(limit);

        public void Receive(string from, ReadOnlySpan<byte> payload, bool retained, long receivedNs)
        {
            if (from == topic && !_came.IsSet)
            {
                Problem = RobotNotices.TryRead(payload, out RobotBirth? birth);
                Birth = birth;
                _came.Set();
            }
        }

        public void Dispose() => _came.Dispose();
    }
}
