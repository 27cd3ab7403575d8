using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Transports;
using RobotRl.Hardware.Transports.Mqtt;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Control;

/// <summary>
/// Lets an operator stop and attend a run over MQTT: whatever arrives at <c>robotrl/NAME/stop</c> stops it at once, and
/// <c>robotrl/NAME/stopped</c> says whether read-back confirmed it; a sign of life at <c>robotrl/NAME/operator</c> counts where it
/// repeats the newest <c>robotrl/NAME/challenge</c>, for a broker may deliver seconds late what it kept.
/// </summary>
/// <remarks>
/// A lost broker stops nothing by itself, and is tried again; with <c>Operator:Heartbeat=true</c> it does, for no sign of life
/// comes through any more. Messages come on the link's thread, the rest is done on one of its own; neither is the control thread.
/// </remarks>
internal sealed partial class MqttOperator : IHostedService, IMqttReceiver, IDisposable
{
    private const int NonceBytes = 8;

    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(1);

    private readonly MqttOperatorOptions _options;
    private readonly IRunControl _control;
    private readonly IMqttLink _link;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ending = new();
    private readonly RobotTopics _topics;
    private Thread? _thread;

    // Taken as one: the newest challenge and the one before.
    private volatile Challenges _challenges = new("", "");
    private volatile StopOrder? _unanswered;
    private long _askedAt;

    /// <summary>Attends <paramref name="control"/> under <paramref name="name"/>. It owns the link.</summary>
    public MqttOperator(string name, MqttOperatorOptions options, IRunControl control, IMqttLink link, ILogger<MqttOperator> logger, TimeProvider time)
    {
        (_options, _control, _link, _logger, _time) = (options, control, link, logger, time);
        _topics = new(name);
    }

    /// <summary>Connects once, and closes again: what a broker refuses is said before anything is begun.</summary>
    /// <exception cref="TransportException">The broker cannot be reached or refuses; the message says what to do.</exception>
    public static void RequireBroker(IMqttLink link)
    {
        link.Open(null, [], new Nobody());
        link.Close();
    }

    /// <summary>Connects; a run that is to be stopped over MQTT does not start without.</summary>
    /// <exception cref="TransportException">The broker cannot be reached or refuses; the message says what to do.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Connect();
        LogListening(_topics.Stop, _link.Name);
        _thread = new Thread(Serve) { Name = "operator MQTT", IsBackground = true };
        _thread.Start();
        return Task.CompletedTask;
    }

    /// <summary>Answers a stop that is not answered yet, and disconnects.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        if (_thread is { } thread)
        {
            await Task.Run(thread.Join, cancellationToken).ConfigureAwait(false);
            _thread = null;
        }

        _link.Close();
    }

    public void Dispose()
    {
        _ending.Cancel();
        _thread?.Join();
        _link.Dispose();
        _ending.Dispose();
    }

    /// <inheritdoc/>
    public void Receive(string topic, ReadOnlySpan<byte> payload, bool retained, long receivedNs)
    {
        if (topic == _topics.Stop && !retained)
        {
            // Late or not: a stop stops.
            StopOrder order = StopOrder.Read(payload);
            _control.RequestStop(order.Level, order.Reason);
            Volatile.Write(ref _askedAt, _time.GetTimestamp());
            _unanswered = order;
            LogStop(order.Reason, order.Level);
        }
        else if (topic == _topics.Operator && !retained && _challenges.Hold(payload))
        {
            _control.ReportOperator();
        }
    }

    private void Connect() => _link.Open(null, [new(_topics.Stop, true, false), new(_topics.Operator, false, false)], this);

    private void Serve()
    {
        var policy = new ReconnectPolicy(_options.Reconnect, _time);
        long looked = _time.GetTimestamp();
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                AnswerStop(last: false);
                Challenge();
                if (!_link.IsOpen || (_time.GetElapsedTime(looked) > PingInterval && !_link.Ping()))
                {
                    ConnectAgain(policy);
                }
            }
#pragma warning disable CA1031 // On a thread of its own it would end the process while the robot moves; the link is looked at again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogLost(e.Message);
            }

            looked = _time.GetElapsedTime(looked) > PingInterval ? _time.GetTimestamp() : looked;
            _ending.Token.WaitHandle.WaitOne(_options.ChallengeInterval);
        }

        AnswerStop(last: true);
    }

    private void Challenge()
    {
        string nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceBytes));
        _challenges = new(nonce, _challenges.Newest);
        _link.TrySend(new(_topics.Challenge, Encoding.ASCII.GetBytes(nonce)) { Expiry = TimeSpan.FromSeconds(1) });
    }

    /// <summary>Says how a stop went once read-back confirmed it, or it is too late for that.</summary>
    private void AnswerStop(bool last)
    {
        if (_unanswered is not { } order)
        {
            return;
        }

        bool confirmed = _control.Status().StopConfirmed;
        if (confirmed || last || _time.GetElapsedTime(Volatile.Read(ref _askedAt)) > ControlServer.StopPatience)
        {
            _unanswered = null;
            byte[] answer = JsonSerializer.SerializeToUtf8Bytes(new StopAnswer(confirmed, order.Level, order.Reason), ControlJson.Default.StopAnswer);
            try
            {
                _link.Deliver(new(_topics.Stopped, answer) { Expiry = ControlServer.StopPatience });
            }
            catch (TransportException e)
            {
                LogLost(e.Message);
            }
        }
    }

    private void ConnectAgain(ReconnectPolicy policy)
    {
        LogLost($"The broker {_link.Name} does not answer: nobody can stop this run over MQTT. It is tried again.");
        try
        {
            policy.Run(Connect, _ending.Token);
            LogListening(_topics.Stop, _link.Name);
        }
        catch (OperationCanceledException)
        {
            // Ending.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Whatever is published at {Topic} of {Broker} stops this run.")]
    private partial void LogListening(string topic, string broker);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Reason} ({Level}).")]
    private partial void LogStop(string reason, Hardware.Contracts.StopLevel level);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Problem}")]
    private partial void LogLost(string problem);

    private sealed class Nobody : IMqttReceiver
    {
        public void Receive(string topic, ReadOnlySpan<byte> payload, bool retained, long receivedNs)
        {
        }
    }

    private sealed record Challenges(string Newest, string Before)
    {
        /// <summary>Whether an answer is to one of them.</summary>
        public bool Hold(ReadOnlySpan<byte> payload)
        {
            Span<char> text = stackalloc char[2 * NonceBytes];
            return payload.Length == text.Length && Encoding.ASCII.TryGetChars(payload, text, out _) && (text.SequenceEqual(Newest) || text.SequenceEqual(Before));
        }
    }
}
