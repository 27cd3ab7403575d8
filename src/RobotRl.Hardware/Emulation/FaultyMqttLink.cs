using RobotRl.Hardware.Transports.Mqtt;

namespace RobotRl.Hardware.Emulation;

/// <summary>A link on which messages get lost, late, doubled or damaged, both ways, as told; for emulated robots and tests.</summary>
/// <remarks>The properties may be set from any thread at any time. It owns the link that it wraps.</remarks>
public sealed class FaultyMqttLink : IMqttLink
{
    private readonly IMqttLink _link;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Random _random;

    /// <summary>Without any fault yet.</summary>
    public FaultyMqttLink(IMqttLink link, TimeProvider time, int seed)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(time);
        (_link, _time, _random) = (link, time, new(seed));
    }

    /// <summary>Share of messages that get lost, 0 to 1.</summary>
    public double Lost { get; set; }

    /// <summary>Share of messages that come twice, 0 to 1.</summary>
    public double Duplicated { get; set; }

    /// <summary>Share of messages with a flipped bit, 0 to 1.</summary>
    public double Corrupted { get; set; }

    /// <summary>Share of messages that come <see cref="Delay"/> later, and so out of order; 0 to 1.</summary>
    public double Late { get; set; }

    /// <summary>How much later.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(0.3);

    /// <summary>Nothing comes or goes; the connection stays up.</summary>
    public bool Silent { get; set; }

    /// <inheritdoc/>
    public string Name => _link.Name;

    /// <inheritdoc/>
    public bool IsOpen => _link.IsOpen;

    /// <inheritdoc/>
    public void Open(MqttMessage? will, IReadOnlyList<MqttSubscription> subscriptions, IMqttReceiver receiver) =>
        _link.Open(will, subscriptions, new FaultyReceiver(this, receiver));

    /// <inheritdoc/>
    public void Close() => _link.Close();

    /// <inheritdoc/>
    public bool TrySend(in MqttMessage message)
    {
        MqttMessage sent = message;
        switch (Draw())
        {
            case Fault.Lost:
                return true;
            case Fault.Late:
                _ = Later(() => _link.TrySend(sent));
                return true;
            case Fault.Corrupted:
                return _link.TrySend(sent with { Payload = Flip(sent.Payload.Span) });
            case Fault.Duplicated:
                return _link.TrySend(sent) & _link.TrySend(sent);
            default:
                return _link.TrySend(sent);
        }
    }

    /// <inheritdoc/>
    public void Deliver(in MqttMessage message) => _link.Deliver(message);

    /// <inheritdoc/>
    public bool Ping() => _link.Ping();

    /// <inheritdoc/>
    public void Dispose() => _link.Dispose();

    private enum Fault
    {
        None,
        Lost,
        Late,
        Corrupted,
        Duplicated,
    }

    private Fault Draw()
    {
        lock (_gate)
        {
            return Silent || _random.NextDouble() < Lost ? Fault.Lost
                : _random.NextDouble() < Late ? Fault.Late
                : _random.NextDouble() < Corrupted ? Fault.Corrupted
                : _random.NextDouble() < Duplicated ? Fault.Duplicated
                : Fault.None;
        }
    }

    private byte[] Flip(ReadOnlySpan<byte> payload)
    {
        byte[] bytes = payload.ToArray();
        lock (_gate)
        {
            if (bytes.Length > 0)
            {
                bytes[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));
            }
        }

        return bytes;
    }

    private async Task Later(Action act)
    {
        await Task.Delay(Delay, _time).ConfigureAwait(false);
        act();
    }

    private sealed class FaultyReceiver(FaultyMqttLink link, IMqttReceiver receiver) : IMqttReceiver
    {
        private readonly Lock _one = new();

        public void Receive(string topic, ReadOnlySpan<byte> payload, bool retained, long receivedNs)
        {
            switch (link.Draw())
            {
                case Fault.Lost:
                    break;
                case Fault.Late:
                    byte[] kept = payload.ToArray();
                    long delayNs = (long)link.Delay.TotalNanoseconds;
                    _ = link.Later(() => Hand(topic, kept, retained, receivedNs + delayNs));
                    break;
                case Fault.Corrupted:
                    Hand(topic, link.Flip(payload), retained, receivedNs);
                    break;
                case Fault.Duplicated:
                    Hand(topic, payload, retained, receivedNs);
                    Hand(topic, payload, retained, receivedNs);
                    break;
                default:
                    Hand(topic, payload, retained, receivedNs);
                    break;
            }
        }

        // Messages that come later meet others: one at a time is the receiver's right.
        private void Hand(string topic, ReadOnlySpan<byte> payload, bool retained, long receivedNs)
        {
            lock (_one)
            {
                receiver.Receive(topic, payload, retained, receivedNs);
            }
        }
    }
}
