using System.Collections.Concurrent;
using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports.Mqtt;

namespace RobotRl.Hardware.Tests.Devices.MqttRobot;

/// <summary>A link without a broker: keeps what is sent, and hands in what a test makes up.</summary>
internal sealed class RecordingLink : IMqttLink
{
    private IMqttReceiver? _receiver;

    public BlockingCollection<MqttFrame> Answers { get; } = [];

    public ConcurrentQueue<(string Topic, byte[] Payload, bool Retain)> Notices { get; } = [];

    public MqttMessage? Will { get; private set; }

    public volatile MqttFrame? NewestState;

    public string Name => "mqtt://nowhere:1883";

    public bool IsOpen => _receiver is not null;

    public void Open(MqttMessage? will, IReadOnlyList<MqttSubscription> subscriptions, IMqttReceiver receiver)
    {
        Assert.DoesNotContain(subscriptions, s => s.Retained && !s.Topic.EndsWith("th", StringComparison.Ordinal));
        (Will, _receiver) = (will, receiver);
    }

    public void Close() => _receiver = null;

    public bool TrySend(in MqttMessage message)
    {
        var frame = new MqttFrame();
        Assert.Null(MqttFrameCodec.Decode(message.Payload.Span, frame));
        Assert.False(message.Retain);
        if (frame.Kind == MqttFrameKind.Answer)
        {
            Answers.Add(frame);
        }
        else
        {
            NewestState = frame;
        }

        return true;
    }

    public void Deliver(in MqttMessage message) => Notices.Enqueue((message.Topic, message.Payload.ToArray(), message.Retain));

    public bool Ping() => IsOpen;

    public void Dispose() => Close();

    public void Hand(string topic, ReadOnlySpan<byte> payload, bool retained = false) =>
        _receiver!.Receive(topic, payload, retained, TimeProvider.System.GetMonotonicNs());
}
