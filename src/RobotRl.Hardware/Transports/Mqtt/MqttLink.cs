using System.Buffers;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Transports.Mqtt;

/// <summary>An <see cref="IMqttLink"/> through MQTTnet: MQTT v5, session expiry 0, TLS, user and password.</summary>
/// <remarks>MQTTnet allocates about 2.4 kB a message and runs on the thread pool; nothing of it runs on the control thread.</remarks>
public sealed class MqttLink : IMqttLink
{
    private const int MaxReliableInFlight = 16;

    // A broker sends nothing longer: one message of MQTT's 256 MiB would spend what may be allocated while a robot moves.
    private const uint LargestPacket = 256 * 1024;
    private static readonly TimeSpan CloseLimit = TimeSpan.FromMilliseconds(300);

    private readonly MqttLinkOptions _options;
    private readonly string _clientId;
    private readonly TimeProvider _time;
    private volatile IMqttClient? _client;
    private volatile Task _stream = Task.CompletedTask;
    private int _reliable;

    /// <summary>Does not connect yet.</summary>
    /// <param name="options">Which broker.</param>
    /// <param name="clientId">Name of this client at the broker; a second one of the same name throws the first one out.</param>
    /// <param name="time">Its monotonic stamp is what arrivals are stamped with.</param>
    /// <exception cref="ArgumentException">The options have problems; the message lists them.</exception>
    public MqttLink(MqttLinkOptions options, string clientId, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(clientId);
        ArgumentNullException.ThrowIfNull(time);
        string[] problems = [.. options.Validate("Mqtt")];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        (_options, _clientId, _time) = (options, clientId, time);
    }

    /// <inheritdoc/>
    public string Name => _options.Url;

    /// <inheritdoc/>
    public bool IsOpen => _client is { IsConnected: true };

    /// <inheritdoc/>
    public void Open(MqttMessage? will, IReadOnlyList<MqttSubscription> subscriptions, IMqttReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(subscriptions);
        ArgumentNullException.ThrowIfNull(receiver);
        Close();
        var tls = _options.Tls ? BrokerTls.Load(_options) : null;
        long start = _time.GetMonotonicNs();
        IMqttClient client = new MqttClientFactory().CreateMqttClient();
        client.ApplicationMessageReceivedAsync += e => Hand(e, receiver);
        _client = client;
        try
        {
            MqttClientConnectResult result = Wait(cancel => client.ConnectAsync(Build(will, tls), cancel));
            if (result.ResultCode != MqttClientConnectResultCode.Success)
            {
                throw BrokerErrors.Refused(_options, result);
            }

            Subscribe(client, subscriptions);
        }
        catch (Exception error)
        {
            Close();
            if (error is TransportException)
            {
                throw;
            }

            throw BrokerErrors.Failed(_options, tls, TookTooLong(start), error);
        }
    }

    /// <inheritdoc/>
    public void Close()
    {
        if (_client is not { } client)
        {
            return;
        }

        _client = null;
        _stream = Task.CompletedTask;

        // Neither a frozen broker nor a dead socket may hold the caller up.
        Task.Run(async () =>
            {
                try
                {
                    if (client.IsConnected)
                    {
                        using var limit = new CancellationTokenSource(CloseLimit);
                        await client.DisconnectAsync(new MqttClientDisconnectOptions(), limit.Token).ConfigureAwait(false);
                    }
                }
                catch (Exception e)
                    when (e is OperationCanceledException or ObjectDisposedException or MQTTnet.Exceptions.MqttCommunicationException)
                {
                    // It is gone, which is what was wanted.
                }
                finally
                {
                    client.Dispose();
                }
            })
            .Wait(2 * CloseLimit);
    }

    /// <inheritdoc/>
    public bool TrySend(in MqttMessage message)
    {
        if (_client is not { IsConnected: true } client)
        {
            return false;
        }

        if (message.Reliable)
        {
            if (Interlocked.Increment(ref _reliable) > MaxReliableInFlight)
            {
                Interlocked.Decrement(ref _reliable);
                return false;
            }

            client
                .PublishAsync(Convert(message))
                .ContinueWith(
                    sent =>
                    {
                        _ = sent.Exception;
                        Interlocked.Decrement(ref _reliable);
                    },
                    TaskScheduler.Default
                );
            return true;
        }

        if (!_stream.IsCompleted)
        {
            return false;
        }

        Task stream = client.PublishAsync(Convert(message));
        _stream = stream;
        return !stream.IsFaulted;
    }

    /// <inheritdoc/>
    public void Deliver(in MqttMessage message)
    {
        IMqttClient client = _client ?? throw new TransportException(Name, $"MQTT broker {Name}: not connected. Open the link first.");
        MqttApplicationMessage application = Convert(message with { Reliable = true });
        long start = _time.GetMonotonicNs();
        try
        {
            MqttClientPublishResult result = Wait(cancel => client.PublishAsync(application, cancel));
            if (!result.IsSuccess)
            {
                throw BrokerErrors.PublishRefused(_options, message.Topic, result);
            }
        }
        catch (Exception error) when (error is not TransportException)
        {
            throw BrokerErrors.Failed(_options, null, TookTooLong(start), error);
        }
    }

    /// <inheritdoc/>
    public bool Ping()
    {
        if (_client is not { IsConnected: true } client)
        {
            return false;
        }

        using var limit = new CancellationTokenSource(_options.PingTimeout);
        try
        {
            return client.PingAsync(limit.Token).Wait(_options.PingTimeout);
        }
        catch (AggregateException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private static MqttApplicationMessage Convert(in MqttMessage message) =>
        new()
        {
            Topic = message.Topic,
            Payload = new ReadOnlySequence<byte>(message.Payload),
            QualityOfServiceLevel = message.Reliable ? MqttQualityOfServiceLevel.AtLeastOnce : MqttQualityOfServiceLevel.AtMostOnce,
            Retain = message.Retain,
            MessageExpiryInterval = Seconds(message.Expiry),
        };

    // Rounded up: 0 would mean never.
    private static uint Seconds(TimeSpan? expiry) => expiry is { } time ? (uint)Math.Max(1, Math.Ceiling(time.TotalSeconds)) : 0;

    private Task Hand(MqttApplicationMessageReceivedEventArgs e, IMqttReceiver receiver)
    {
        long now = _time.GetMonotonicNs();
        ReadOnlySequence<byte> payload = e.ApplicationMessage.Payload;
        receiver.Receive(
            e.ApplicationMessage.Topic,
            payload.IsSingleSegment ? payload.FirstSpan : payload.ToArray(),
            e.ApplicationMessage.Retain,
            now
        );
        return Task.CompletedTask;
    }

    private MqttClientOptions Build(MqttMessage? will, BrokerTls? tls)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithTcpServer(_options.Broker, _options.EffectivePort)
            .WithClientId(_clientId)
            .WithCleanStart(true)
            .WithSessionExpiryInterval(0)
            .WithKeepAlivePeriod(_options.KeepAlive)
            .WithMaximumPacketSize(LargestPacket)
            .WithTimeout(_options.ConnectTimeout);
        if (_options.User is { } user)
        {
            builder.WithCredentials(user, BrokerTls.ReadPassword(_options));
        }

        if (tls is not null)
        {
            builder.WithTlsOptions(tls.Apply);
        }

        if (will is { } message)
        {
            builder
                .WithWillTopic(message.Topic)
                .WithWillPayload(message.Payload.ToArray())
                .WithWillRetain(message.Retain)
                .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
        }

        return builder.Build();
    }

    private void Subscribe(IMqttClient client, IReadOnlyList<MqttSubscription> subscriptions)
    {
        if (subscriptions.Count == 0)
        {
            return;
        }

        var builder = new MqttClientSubscribeOptionsBuilder();
        foreach (MqttSubscription subscription in subscriptions)
        {
            builder.WithTopicFilter(
                subscription.Topic,
                subscription.Reliable ? MqttQualityOfServiceLevel.AtLeastOnce : MqttQualityOfServiceLevel.AtMostOnce,
                noLocal: false,
                retainAsPublished: false,
                subscription.Retained ? MqttRetainHandling.SendAtSubscribe : MqttRetainHandling.DoNotSendOnSubscribe
            );
        }

        MqttClientSubscribeResult result = Wait(cancel => client.SubscribeAsync(builder.Build(), cancel));
        foreach (MqttClientSubscribeResultItem item in result.Items)
        {
            if (item.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2)
            {
                throw BrokerErrors.SubscribeRefused(_options, item.TopicFilter.Topic, item.ResultCode);
            }
        }
    }

    private bool TookTooLong(long startNs) => _time.GetMonotonicNs() - startNs >= 0.9 * _options.ConnectTimeout.TotalNanoseconds;

    /// <summary>Waits for the broker on the calling thread, which is never the control thread.</summary>
    private T Wait<T>(Func<CancellationToken, Task<T>> call)
    {
        using var limit = new CancellationTokenSource(_options.ConnectTimeout);
        return call(limit.Token).GetAwaiter().GetResult();
    }
}
