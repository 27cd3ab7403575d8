using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Transports;
using RobotRl.Hardware.Transports.Mqtt;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Control;

/// <summary>
/// Lets an operator stop a run over MQTT: whatever arrives at <c>robotrl/NAME/stop</c> stops it at once, and
/// <c>robotrl/NAME/stopped</c> says whether read-back confirmed it. <see cref="MqttAttendance"/> takes the signs of life.
/// </summary>
/// <remarks>
/// Stops have a connection of their own, so that no message but a stop can delay one. A lost broker stops nothing by itself, and is
/// tried again; with <c>Operator:Heartbeat=true</c> it does, for no sign of life comes through any more. Messages come on the link's
/// thread, the rest is done on one of its own; neither is the control thread.
/// </remarks>
internal sealed partial class MqttOperator : IHostedService, IMqttReceiver, IDisposable
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(1),
        Interval = TimeSpan.FromMilliseconds(50);

    private readonly MqttOperatorOptions _options;
    private readonly IRunControl _control;
    private readonly IMqttLink _link;
    private readonly MqttAttendance _attendance;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ending = new();
    private readonly RobotTopics _topics;
    private Thread? _thread;
    private volatile StopOrder? _unanswered;
    private StopLevel _taken;
    private long _askedAt;

    /// <summary>
    /// Attends <paramref name="control"/> under <paramref name="name"/>. It owns the links: one for stops, one for signs of life.
    /// </summary>
    public MqttOperator(
        string name,
        MqttOperatorOptions options,
        IRunControl control,
        IMqttLink stops,
        IMqttLink attendance,
        ILogger<MqttOperator> logger,
        TimeProvider time
    )
    {
        (_options, _control, _link, _logger, _time) = (options, control, stops, logger, time);
        _topics = new(name);
        _attendance = new MqttAttendance(_topics, options, control, attendance, logger, time);
    }

    /// <summary>Takes the signs of life.</summary>
    internal MqttAttendance Attendance => _attendance;

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
        _attendance.Start();
        _thread = new Thread(Serve) { Name = "operator MQTT", IsBackground = true };
        _thread.Start();
        return Task.CompletedTask;
    }

    /// <summary>Answers a stop that is not answered yet, and disconnects.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await Task.Run(_attendance.Stop, cancellationToken).ConfigureAwait(false);
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
        _attendance.Dispose();
        _link.Dispose();
        _ending.Dispose();
    }

    /// <inheritdoc/>
    public void Receive(string topic, ReadOnlySpan<byte> payload, bool retained, long receivedNs)
    {
        if (topic != _topics.Stop || retained)
        {
            return;
        }

        // Late or not: a stop stops. Each reaches the session, for the driver may have failed at the first.
        StopOrder order = StopOrder.Read(payload);
        _control.RequestStop(order.Level, order.Reason);
        if (order.Level > _taken)
        {
            // One more of the same must not put the answer off.
            _taken = order.Level;
            Volatile.Write(ref _askedAt, _time.GetTimestamp());
            LogStop(order.Reason, order.Level);
            _unanswered = order;
        }
        else if (_unanswered is null)
        {
            Volatile.Write(ref _askedAt, _time.GetTimestamp());
            _unanswered = order;
        }
    }

    private void Connect() => _link.Open(null, [new(_topics.Stop, true, false)], this);

    private void Serve()
    {
        var policy = new ReconnectPolicy(_options.Reconnect, _time);
        long looked = _time.GetTimestamp();
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                AnswerStop(last: false);
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
            _ending.Token.WaitHandle.WaitOne(Interval);
        }

        AnswerStop(last: true);
    }

    /// <summary>Says how a stop went once read-back confirmed it, or it is too late for that.</summary>
    private void AnswerStop(bool last)
    {
        if (_unanswered is not { } order)
        {
            return;
        }

        bool confirmed = _control.StopConfirmed;
        if (confirmed || last || _time.GetElapsedTime(Volatile.Read(ref _askedAt)) > StopOrders.ConfirmLimit)
        {
            _unanswered = null;
            byte[] answer = JsonSerializer.SerializeToUtf8Bytes(
                new StopAnswer(confirmed, order.Level, order.Reason),
                ControlJson.Default.StopAnswer
            );
            try
            {
                _link.Deliver(new(_topics.Stopped, answer) { Expiry = StopOrders.ConfirmLimit });
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
    private partial void LogStop(string reason, StopLevel level);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Problem}")]
    private partial void LogLost(string problem);

    private sealed class Nobody : IMqttReceiver
    {
        public void Receive(string topic, ReadOnlySpan<byte> payload, bool retained, long receivedNs) { }
    }
}
