using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Protocols.MqttRobot;

/// <summary>
/// One message between a session and a robot, decoded. Reused from message to message; fields that a kind has not are at
/// their defaults.
/// </summary>
public sealed class MqttFrame
{
    /// <summary>Version of the payload formats.</summary>
    public const int Format = 1;

    /// <summary>Greatest number of values.</summary>
    public const int MaxValues = 512;

    /// <summary>Longest <see cref="Text"/>, in UTF-8 bytes.</summary>
    public const int MaxTextBytes = 255;

    /// <summary>Longest time to live.</summary>
    public static readonly TimeSpan MaxTimeToLive = TimeSpan.FromSeconds(60);

    private readonly double[] _values = new double[MaxValues];

    /// <summary>What it says.</summary>
    public MqttFrameKind Kind { get; set; }

    /// <summary>The session that it comes from or is for; 0: no session.</summary>
    public ulong Session { get; set; }

    /// <summary>Ascending per sender, session and kind.</summary>
    public ulong Sequence { get; set; }

    /// <summary>When it was sent, by the sender's monotonic clock.</summary>
    public long StampNs { get; set; }

    /// <summary>How long after <see cref="StampNs"/> it may be used; whole microseconds.</summary>
    public TimeSpan TimeToLive { get; set; }

    /// <summary>The newest stamp that came from the other side, by the other side's clock; 0: none yet.</summary>
    public long EchoStampNs { get; set; }

    /// <summary>When that came, by the sender's clock; 0: none yet.</summary>
    public long EchoReceivedNs { get; set; }

    /// <summary>State: the robot's lifecycle.</summary>
    public DeviceState Device { get; set; }

    /// <summary>State: the hardest stop asked for.</summary>
    public StopLevel Stop { get; set; }

    /// <summary>State: whether that stop was confirmed.</summary>
    public bool StopConfirmed { get; set; }

    /// <summary>State: how reading the robot went.</summary>
    public IoStatus Status { get; set; }

    /// <summary>State: when the reading was taken, by the robot's clock.</summary>
    public long ReadingNs { get; set; }

    /// <summary>State: sequence of the newest command that was taken; answer: sequence of the request.</summary>
    public ulong Reference { get; set; }

    /// <summary>Request: what is asked for.</summary>
    public MqttRequestAction Action { get; set; }

    /// <summary>Answer: whether it was done.</summary>
    public bool Done { get; set; }

    /// <summary>Request, attach: identity of the program that asks, so that it may replace its own session.</summary>
    public ulong Owner { get; set; }

    /// <summary>State: why the robot is faulted; request, answer: a sentence. Null: nothing to say.</summary>
    public string? Text { get; set; }

    /// <summary>Number of values.</summary>
    public int Count { get; private set; }

    /// <summary>The values, [<see cref="Count"/>].</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(0, Count);

    /// <summary>Copies <paramref name="values"/> in.</summary>
    public void SetValues(ReadOnlySpan<double> values)
    {
        if (values.Length > MaxValues)
        {
            throw new ArgumentException($"{values.Length} values; at most {MaxValues}.", nameof(values));
        }

        values.CopyTo(_values);
        Count = values.Length;
    }

    internal bool TryAdd(double value)
    {
        if (Count == MaxValues)
        {
            return false;
        }

        _values[Count++] = value;
        return true;
    }

    /// <summary>Everything at its default.</summary>
    public void Clear()
    {
        (Kind, Session, Sequence, StampNs, TimeToLive) = (default, 0, 0, 0, default);
        (EchoStampNs, EchoReceivedNs, Device, Stop, StopConfirmed, Status) = (0, 0, default, default, false, default);
        (ReadingNs, Reference, Action, Done, Owner, Text, Count) = (0, 0, default, false, 0, null, 0);
    }

    /// <summary>What is wrong with the fields taken together; null where nothing is.</summary>
    internal string? Problem()
    {
        if (Kind is < MqttFrameKind.Command or > MqttFrameKind.Answer)
        {
            return "its kind is unknown";
        }

        if (TimeToLive <= TimeSpan.Zero || TimeToLive > MaxTimeToLive)
        {
            return "its time to live is outside 1 us to 60 s";
        }

        if (StampNs < 0 || EchoStampNs < 0 || EchoReceivedNs < 0 || ReadingNs < 0)
        {
            return "a time stamp is negative";
        }

        if (
            Device > DeviceState.Faulted
            || Stop > StopLevel.PowerOff
            || Status > IoStatus.LinkLost
            || Action > MqttRequestAction.ClearFault
        )
        {
            return "a named value is unknown";
        }

        if ((Kind == MqttFrameKind.Request) != (Action != MqttRequestAction.None))
        {
            return "its action does not fit its kind";
        }

        foreach (double value in Values)
        {
            if (!double.IsFinite(value))
            {
                return "a value is not finite";
            }
        }

        return null;
    }
}
