using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RobotRl.Hardware.Transports;
using RobotRl.Hardware.Transports.Mqtt;
using RobotRl.Reference.Mosquitto;

namespace RobotRl.Hardware.Tests.Transports.Mqtt;

public sealed class MqttLinkTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Fact]
    public void TrySend_Subscribed_ArrivesOnceWithItsStamp()
    {
        using var broker = new MosquittoBroker();
        using MqttLink link = Link(broker.Port);
        var inbox = new Inbox();
        link.Open(null, [new("a/b", false, false)], inbox);
        Assert.True(link.IsOpen && link.Ping());
        Assert.True(link.TrySend(new("a/b", "one"u8.ToArray())));
        Assert.Equal(("a/b", "one", false), inbox.Next());
        link.Deliver(new("a/b", "two"u8.ToArray()));
        Assert.Equal(("a/b", "two", false), inbox.Next());
        Assert.Empty(inbox.Messages);
    }

    [Fact]
    public void Open_RetainedThere_ComesWhereWantedOnly()
    {
        using var broker = new MosquittoBroker();
        using MqttLink first = Link(broker.Port),
            second = Link(broker.Port);
        first.Open(null, [], new Inbox());
        first.Deliver(new("x/birth", "here"u8.ToArray()) { Retain = true });
        first.Deliver(new("x/command", "old"u8.ToArray()) { Retain = true });
        var inbox = new Inbox();
        second.Open(null, [new("x/command", true, false), new("x/birth", true, true)], inbox);
        Assert.Equal(("x/birth", "here", true), inbox.Next());
        second.Deliver(new("x/birth", "new"u8.ToArray()));
        Assert.Equal(("x/birth", "new", false), inbox.Next());
        Assert.Empty(inbox.Messages);
    }

    [Fact]
    public void Will_ClosedProperly_IsNotSentButOtherwiseIs()
    {
        using var broker = new MosquittoBroker();
        using MqttLink listener = Link(broker.Port),
            proper = Link(broker.Port, "proper"),
            thrownOut = Link(broker.Port, "same"),
            thief = Link(broker.Port, "same");
        var inbox = new Inbox();
        listener.Open(null, [new("will/#", true, true)], inbox);
        proper.Open(new MqttMessage("will/proper", "dead"u8.ToArray()) { Retain = true }, [], new Inbox());
        proper.Close();
        thrownOut.Open(new MqttMessage("will/thrown-out", "dead"u8.ToArray()) { Retain = true }, [], new Inbox());
        thief.Open(null, [], new Inbox());
        Assert.Equal(("will/thrown-out", "dead", false), inbox.Next());
        Assert.Empty(inbox.Messages);
    }

    [Fact]
    public void Ping_BrokerFrozen_IsFalseWithinItsLimitAndCloseReturns()
    {
        using var broker = new MosquittoBroker();
        using MqttLink link = Link(broker.Port);
        link.Open(null, [], new Inbox());
        broker.Freeze();
        long start = Stopwatch.GetTimestamp();
        Assert.False(link.Ping());
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.2, 2);
        start = Stopwatch.GetTimestamp();
        link.Close();
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 2);
        Assert.False(link.IsOpen || link.TrySend(new("a", default)));
        string message = Assert.Throws<TransportException>(() => link.Open(null, [], new Inbox())).Message;
        Assert.True(message.Contains("did not answer within 1 s", StringComparison.Ordinal), message);
        broker.Thaw();
        link.Open(null, [], new Inbox());
        Assert.True(link.Ping());
    }

    [Fact]
    public void IsOpen_BrokerKilled_TurnsFalseAndSendsAreRefused()
    {
        using var broker = new MosquittoBroker();
        using MqttLink link = Link(broker.Port);
        link.Open(null, [], new Inbox());
        broker.Kill();
        Assert.True(SpinWait.SpinUntil(() => !link.IsOpen, Patience));
        Assert.False(link.TrySend(new("a", default)) || link.Ping());
        Assert.Throws<TransportException>(() => link.Deliver(new("a", default)));
    }

    [Fact]
    public void Open_NothingListens_SaysSo() =>
        AssertFails(new() { Port = FreePort() }, "nothing listens there (connection refused). Start the broker");

    [Fact]
    public void Open_UnknownHost_SaysSo() =>
        AssertFails(new() { Broker = "no-such-broker.invalid", ConnectTimeout = TimeSpan.FromSeconds(10) }, "no-such-broker.invalid");

    [Fact]
    public void Open_PeerClosesAtOnce_SaysSo()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var closer = new Thread(() =>
        {
            using Socket socket = listener.AcceptSocket();
        });
        closer.Start();
        AssertFails(new() { Port = ((IPEndPoint)listener.LocalEndpoint).Port }, "Check that the port is the broker's");
        closer.Join();
    }

    [Fact]
    public void Open_PeerSpeaksSomethingElse_SaysSo()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var server = new Thread(() =>
        {
            using Socket socket = listener.AcceptSocket();
            socket.Send("HTTP/1.1 400 Bad Request\r\n\r\n"u8);
            socket.Receive(new byte[1000]);
        });
        server.Start();
        AssertFails(new() { Port = ((IPEndPoint)listener.LocalEndpoint).Port }, "Check that the port is the broker's");
        server.Join();
    }

    [Fact]
    public void New_OptionsWithProblems_ThrowsAllOfThem()
    {
        var options = new MqttLinkOptions
        {
            Port = 0,
            PasswordFile = "/nowhere/password",
            CertificateFile = "/nowhere/crt",
            KeepAlive = TimeSpan.Zero,
        };
        string[] problems = [.. options.Validate("Robot:Mqtt:Link")];
        Assert.Equal(7, problems.Length);
        Assert.All(problems, p => Assert.StartsWith("Robot:Mqtt:Link:", p, StringComparison.Ordinal));
        Assert.Throws<ArgumentException>(() => new MqttLink(options, "x", TimeProvider.System));
        Assert.Empty(new MqttLinkOptions().Validate("x"));
    }

    internal static void AssertFails(MqttLinkOptions options, string reason)
    {
        using var link = new MqttLink(options, "test", TimeProvider.System);
        string message = Assert.Throws<TransportException>(() => link.Open(null, [], new Inbox())).Message;
        Assert.True(message.Contains(reason, StringComparison.Ordinal), message);
        Assert.Contains(options.Url, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.False(link.IsOpen);
    }

    private static MqttLink Link(int port, string? id = null) =>
        new(new() { Port = port }, id ?? $"test-{Guid.NewGuid():N}", TimeProvider.System);

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    internal sealed class Inbox : IMqttReceiver
    {
        public BlockingCollection<(string, string, bool)> Messages { get; } = [];

        public void Receive(string topic, ReadOnlySpan<byte> payload, bool retained, long receivedNs) =>
            Messages.Add((topic, Encoding.UTF8.GetString(payload), retained));

        public (string, string, bool) Next()
        {
            Assert.True(Messages.TryTake(out (string, string, bool) message, Patience));
            return message;
        }
    }
}
