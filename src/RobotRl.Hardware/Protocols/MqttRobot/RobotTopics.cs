namespace RobotRl.Hardware.Protocols.MqttRobot;

/// <summary>The topics of one robot, <c>robotrl/NAME/...</c>.</summary>
public sealed class RobotTopics
{
    /// <summary>The topics of <paramref name="robot"/>.</summary>
    /// <exception cref="ArgumentException">The name cannot be part of a topic.</exception>
    public RobotTopics(string robot)
    {
        if (Problem(robot) is { } problem)
        {
            throw new ArgumentException(problem, nameof(robot));
        }

        string root = $"robotrl/{robot}";
        (Birth, Death, State, Answer) = ($"{root}/birth", $"{root}/death", $"{root}/state", $"{root}/answer");
        (Command, Request, Stop) = ($"{root}/command", $"{root}/request", $"{root}/stop");
        (Stopped, Challenge, Operator) = ($"{root}/stopped", $"{root}/challenge", $"{root}/operator");
    }

    /// <summary>Robot to all, retained: what it is.</summary>
    public string Birth { get; }

    /// <summary>Robot or broker to all, retained: that it is gone.</summary>
    public string Death { get; }

    /// <summary>Robot to all: readings.</summary>
    public string State { get; }

    /// <summary>Robot to the session: what became of requests.</summary>
    public string Answer { get; }

    /// <summary>Session to robot: commands.</summary>
    public string Command { get; }

    /// <summary>Session to robot: attach, power, clear.</summary>
    public string Request { get; }

    /// <summary>Anybody who is permitted to robot and session: emergency stop.</summary>
    public string Stop { get; }

    /// <summary>Run to all: what became of a stop.</summary>
    public string Stopped { get; }

    /// <summary>Run to its operator: the word that a sign of life must repeat.</summary>
    public string Challenge { get; }

    /// <summary>Operator to run: signs of life.</summary>
    public string Operator { get; }

    /// <summary>What is wrong with a robot's name on MQTT, as a sentence; null where nothing is.</summary>
    public static string? Problem(string? robot) =>
        !string.IsNullOrWhiteSpace(robot) && robot.Length <= 64 && !robot.AsSpan().ContainsAny("/+#$\0")
            ? null
            : $"\"{robot}\" cannot be a robot's name on MQTT; allowed: 1 to 64 characters without / + # $.";
}
