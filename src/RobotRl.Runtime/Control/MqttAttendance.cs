using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Transports;
using RobotRl.Hardware.Transports.Mqtt;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Control;

/// <summary>
/// Takes an operator's signs of life over MQTT: one at <c>robotrl/NAME/operator</c> counts where it repeats the newest
/// <c>robotrl/NAME/challenge</c>, for a broker may deliver seconds late what it kept.
/// </summary>
/// <remarks>
/// Each message allocates some kilobytes on arrival, whatever it says, out of the memory that may be allocated while the robot moves.
/// Where more arrive than any operator sends, this connection is closed for a while. Stops come over another one.
/// </remarks>
internal sealed partial class MqttAttendance(
    RobotTopics topics,
    MqttOperatorOptions options,
    IRunControl control,
    IMqttLink link,
    ILogger logger,
    TimeProvider time
) : IMqttReceiver, IDisposable
{
    /// <summary>Most messages in a second: twenty operators, each with five signs of life.</summary>
    public const int MessagesPerSecond = 100;

    private const int NonceBytes = 8,
        BytesPerSecond = 64 * 1024;
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(1),
        Second = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _ending = new();
    private readonly AutoResetEvent _wake = new(false);
    private Thread? _thread;
    private long _countedSince = time.GetTimestamp();
    private int _messages,
        _bytes;
    private volatile bool _flooded;

    // Taken as one: the newest challenge and the one before.
    private volatile Challenges _challenges = new("", "");

    /// <summary>How long nothing is listened to after a flood. Default 10 s.</summary>
    internal TimeSpan FloodPause { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Connects.</summary>
    /// <exception cref="TransportException">The broker cannot be reached or refuses; the message says what to do.</exception>
    public void Start()
    {
        Connect();
        _thread = new Thread(Serve) { Name = "operator MQTT signs of life", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Disconnects.</summary>
    public void Stop()
    {
        _ending.Cancel();
        _wake.Set();
        _thread?.Join();
        _thread = null;
        link.Close();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        link.Dispose();
        _wake.Dispose();
        _ending.Dispose();
    }

    /// <inheritdoc/>
    public void Receive(string topic, ReadOnlySpan<byte> payload, bool retained, long receivedNs)
    {
        long now = time.GetTimestamp();
        if (time.GetElapsedTime(_countedSince, now) > Second)
        {
            (_countedSince, _messages, _bytes) = (now, 0, 0);
        }

        _messages++;
        _bytes = (int)Math.Min(int.MaxValue, (long)_bytes + payload.Length);
        if (_messages > MessagesPerSecond || _bytes > BytesPerSecond)
        {
            if (!_flooded)
            {
                _flooded = true;
                _wake.Set();
            }
        }
        else if (topic == topics.Operator && !retained && _challenges.Hold(payload))
        {
            control.ReportOperator();
        }
    }

    private void Connect() => link.Open(null, [new(topics.Operator, false, false)], this);

    private void Serve()
    {
        var policy = new ReconnectPolicy(options.Reconnect, time);
        long looked = time.GetTimestamp();
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                if (_flooded)
                {
                    WaitOut(policy);
                }

                Challenge();
                if (!link.IsOpen || (time.GetElapsedTime(looked) > PingInterval && !link.Ping()))
                {
                    policy.Run(Connect, _ending.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // Ending.
            }
#pragma warning disable CA1031 // On a thread of its own it would end the process while the robot moves; the link is looked at again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogLost(e.Message);
            }

            looked = time.GetElapsedTime(looked) > PingInterval ? time.GetTimestamp() : looked;
            _wake.WaitOne(options.ChallengeInterval);
        }
    }

    private void WaitOut(ReconnectPolicy policy)
    {
        link.Close();
        LogFlooded(topics.Operator, MessagesPerSecond, BytesPerSecond / 1024, FloodPause.TotalSeconds);
        _ending.Token.WaitHandle.WaitOne(FloodPause);
        (_countedSince, _messages, _bytes) = (time.GetTimestamp(), 0, 0);
        _flooded = false;
        policy.Run(Connect, _ending.Token);
    }

    private void Challenge()
    {
        string nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceBytes));
        _challenges = new(nonce, _challenges.Newest);
        link.TrySend(new(topics.Challenge, Encoding.ASCII.GetBytes(nonce)) { Expiry = TimeSpan.FromSeconds(1) });
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "More than {Messages} messages or {KiB} KiB in a second at {Topic}: signs of life are not listened to for {Seconds} "
            + "s. Stops are heard on a connection of their own. Find who publishes there."
    )]
    private partial void LogFlooded(string topic, int messages, int kiB, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Signs of life over MQTT: {Problem}")]
    private partial void LogLost(string problem);

    private sealed record Challenges(string Newest, string Before)
    {
        /// <summary>Whether an answer is to one of them.</summary>
        public bool Hold(ReadOnlySpan<byte> payload)
        {
            Span<char> text = stackalloc char[2 * NonceBytes];
            return payload.Length == text.Length
                && Encoding.ASCII.TryGetChars(payload, text, out _)
                && (text.SequenceEqual(Newest) || text.SequenceEqual(Before));
        }
    }
}
