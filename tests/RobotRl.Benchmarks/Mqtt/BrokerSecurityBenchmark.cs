using System.Diagnostics;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.MqttRobot;
using RobotRl.Hardware.Transports;
using RobotRl.Hardware.Transports.Mqtt;
using RobotRl.Reference.Mosquitto;

namespace RobotRl.Benchmarks.Mqtt;

/// <summary>
/// TLS, client certificates, passwords and an ACL of a mosquitto, as the device's README has them: what works, and what does not
/// get through.
/// </summary>
internal sealed class BrokerSecurityBenchmark : IBenchmark
{
    private const int MostAttemptsPerMinute = 60;
    private static readonly TimeSpan StormWatch = TimeSpan.FromSeconds(20);

    private readonly List<bool> _outcomes = [];
    private TextWriter _log = TextWriter.Null;

    public string Name => "broker-security";

    public string Summary =>
        "TLS, client certificates, passwords and ACL of a mosquitto: works, keeps robots apart, one clear error, no retry storm";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        _log = log;
        _outcomes.Clear();
        WithCertificates();
        double perMinute = WithPasswords();
        int failed = _outcomes.Count(o => !o);
        return new BenchmarkResult(
            Name,
            _outcomes.Count - failed,
            $"of {_outcomes.Count} checks passed",
            null,
            null,
            null,
            FormattableString.Invariant(
                $"all; at most {MostAttemptsPerMinute} connection attempts a minute with credentials that are refused ({perMinute:F0})"
            ),
            failed == 0 && perMinute <= MostAttemptsPerMinute
        );
    }

    private void WithCertificates()
    {
        string folder = Directory.CreateTempSubdirectory("robotrl-mosquitto-").FullName;
        using var authority = new TestAuthority(folder, "authority");
        using var stranger = new TestAuthority(folder, "stranger");
        string acl = WriteAcl(folder);
        (string brokersCertificate, string brokersKey) = authority.Sign("localhost");
        using var broker = new MosquittoBroker(
            folder,
            $"cafile {authority.File}",
            $"certfile {brokersCertificate}",
            $"keyfile {brokersKey}",
            "require_certificate true",
            "use_identity_as_username true",
            "allow_anonymous false",
            $"acl_file {acl}"
        );

        MqttLinkOptions As(string user, TestAuthority signer, bool expired = false)
        {
            (string certificate, string key) = signer.Sign(user, expired);
            return new()
            {
                Port = broker.Port,
                Tls = true,
                CaFile = authority.File,
                CertificateFile = certificate,
                KeyFile = key,
                ConnectTimeout = TimeSpan.FromSeconds(3),
            };
        }

        using (var rig = new BrokerRig("arm", As("arm", authority), As("arm-session", authority), _ => { }))
        {
            rig.Arm();
            Check(
                "TLS, client certificates, ACL: the session drives the robot",
                rig.Simulation.State == DeviceState.Powered && rig.Status is IoStatus.Ok or IoStatus.NotFresh
            );
            KeepApart(rig, As("leg", authority), As("leg-session", authority));
        }

        MqttLinkOptions good = As("arm-session", authority);
        OneClearError("no client certificate", good with { CertificateFile = null, KeyFile = null }, "client certificate");
        OneClearError("another authority's client certificate", As("arm-session", stranger), "refused our certificate");
        OneClearError("expired client certificate", As("arm-session", authority, expired: true), "refused our certificate");
        OneClearError("broker of another authority", good with { CaFile = stranger.File }, "is not the authority");
        OneClearError("broker of another name", good with { ServerName = "elsewhere.example" }, "not for elsewhere.example");
    }

    private void KeepApart(BrokerRig rig, MqttLinkOptions robot, MqttLinkOptions session)
    {
        using var leg = new MqttLink(robot, "leg", TimeProvider.System);
        var overheard = new Ear();
        leg.Open(null, [new("robotrl/arm/#", false, true), new("robotrl/+/state", false, true)], overheard);
        Thread.Sleep(1000);
        Check("another robot reads nothing of it in 1 s, a state every 50 ms", overheard.Count == 0);
        foreach (string topic in new[] { "command", "request", "stop", "birth", "state" })
        {
            Check($"another robot writes robotrl/arm/{topic}: refused", Refused(leg, $"robotrl/arm/{topic}"));
        }

        leg.Close();
        string? error = null;
        try
        {
            using MqttRobotDevice device = MqttRobots.CreateDevice(new() { Robot = "arm", Link = session }, TimeProvider.System, _ => { });
            device.Connect();
        }
        catch (Exception e) when (e is RobotException or TransportException)
        {
            error = e.Message;
        }

        Check($"another robot's session gets no hold of it: {error}", error is not null);
        MqttCounters counters = rig.Server.Counters;
        Check(
            $"nothing of theirs reached the robot, and it is still driven ({counters})",
            counters.Foreign == 0 && counters.NotOurs == 0 && rig.Simulation.State == DeviceState.Powered
        );
    }

    private double WithPasswords()
    {
        string folder = Directory.CreateTempSubdirectory("robotrl-mosquitto-").FullName;
        string passwords = Path.Combine(folder, "passwords"),
            acl = WriteAcl(folder);
        string robots = Secret(folder, "robot"),
            sessions = Secret(folder, "session");
        BrokerFiles.WritePasswords(passwords, ("arm", "robot"), ("arm-session", "session"));
        using var broker = new MosquittoBroker(folder, "allow_anonymous false", $"password_file {passwords}", $"acl_file {acl}");
        MqttLinkOptions robot =
                new()
                {
                    Port = broker.Port,
                    User = "arm",
                    PasswordFile = robots,
                },
            session = robot with { User = "arm-session", PasswordFile = sessions };
        OneClearError("wrong password", session with { PasswordFile = robots }, "the login was refused");
        OneClearError("unknown user", session with { User = "nobody" }, "the login was refused");
        OneClearError("no user", session with { User = null, PasswordFile = null }, "it asks for a user");
        using var rig = new BrokerRig("arm", robot, session, _ => { });
        rig.Arm();
        Check("passwords, ACL: the session drives the robot", rig.Simulation.State == DeviceState.Powered);

        // Its credentials are withdrawn while it runs.
        broker.Kill();
        BrokerFiles.WritePasswords(passwords, ("arm", "robot"), ("arm-session", "changed"));
        int before = Refusals(broker);
        broker.Start();
        Thread.Sleep(StormWatch);
        double perMinute = (Refusals(broker) - before) * (60 / StormWatch.TotalSeconds);
        Check(
            FormattableString.Invariant($"credentials withdrawn: {perMinute:F0} attempts a minute"),
            perMinute is > 0 and <= MostAttemptsPerMinute
        );
        broker.Kill();
        BrokerFiles.WritePasswords(passwords, ("arm", "robot"), ("arm-session", "session"));
        broker.Start();
        rig.WaitForReturn(0);
        rig.Arm();
        Check("credentials restored: back, armed, driven", rig.Simulation.State == DeviceState.Powered);
        return perMinute;
    }

    private void OneClearError(string what, MqttLinkOptions options, string expected)
    {
        using var link = new MqttLink(options, "checker", TimeProvider.System);
        long start = Stopwatch.GetTimestamp();
        string message = "no error";
        try
        {
            link.Open(null, [], new Ear());
        }
        catch (TransportException error)
        {
            message = error.Message;
        }

        TimeSpan took = Stopwatch.GetElapsedTime(start);
        Check(
            FormattableString.Invariant($"{what}: {message} ({took.TotalMilliseconds:F0} ms)"),
            message.Contains(expected, StringComparison.Ordinal) && !message.Contains('\n', StringComparison.Ordinal)
        );
    }

    private void Check(string what, bool passed)
    {
        _outcomes.Add(passed);
        _log.WriteLine($"{(passed ? "ok    " : "FAILED")} {what}");
    }

    private static bool Refused(MqttLink link, string topic)
    {
        try
        {
            link.Deliver(new(topic, "x"u8.ToArray()));
            return false;
        }
        catch (TransportException)
        {
            return true;
        }
    }

    private static int Refusals(MosquittoBroker broker) =>
        broker.Log.Count(l =>
            l.Contains("not authorised", StringComparison.OrdinalIgnoreCase)
            && l.Contains("disconnected", StringComparison.OrdinalIgnoreCase)
        );

    private static string Secret(string folder, string password)
    {
        string file = Path.Combine(folder, $"{password}.secret");
        File.WriteAllText(file, password + "\n");
        return file;
    }

    /// <summary>As in the device's README, for two robots.</summary>
    private static string WriteAcl(string folder)
    {
        string file = Path.Combine(folder, "acl");
        File.WriteAllLines(
            file,
            new[] { "arm", "leg" }.SelectMany(robot =>
                (string[])
                    [
                        $"user {robot}",
                        .. new[] { "birth", "death", "state", "answer" }.Select(t => $"topic write robotrl/{robot}/{t}"),
                        .. new[] { "command", "request", "stop" }.Select(t => $"topic read robotrl/{robot}/{t}"),
                        $"user {robot}-session",
                        .. new[] { "birth", "death", "state", "answer", "stop" }.Select(t => $"topic read robotrl/{robot}/{t}"),
                        .. new[] { "command", "request" }.Select(t => $"topic write robotrl/{robot}/{t}"),
                    ]
            )
        );
        return file;
    }

    private sealed class Ear : IMqttReceiver
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public void Receive(string topic, ReadOnlySpan<byte> payload, bool retained, long receivedNs) => Interlocked.Increment(ref _count);
    }
}
