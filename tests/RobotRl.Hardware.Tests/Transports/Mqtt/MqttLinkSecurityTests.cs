using RobotRl.Hardware.Transports;
using RobotRl.Hardware.Transports.Mqtt;
using RobotRl.Reference.Mosquitto;

namespace RobotRl.Hardware.Tests.Transports.Mqtt;

/// <summary>Logins, certificates and permissions, with the real broker and certificates made at run time.</summary>
public sealed class MqttLinkSecurityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("robotrl-tls-").FullName;
    private readonly TestAuthority _authority,
        _stranger;

    public MqttLinkSecurityTests() => (_authority, _stranger) = (new(_folder, "authority"), new(_folder, "stranger"));

    public void Dispose()
    {
        _authority.Dispose();
        _stranger.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public void Open_ClientCertificate_WorksAndOthersGetOneClearMessage()
    {
        using MosquittoBroker broker = Tls("require_certificate true", "use_identity_as_username true");
        (string certificate, string key) = _authority.Sign("arm");
        MqttLinkOptions good = Options(broker) with { CertificateFile = certificate, KeyFile = key };
        using (var link = new MqttLink(good, "arm", TimeProvider.System))
        {
            link.Open(null, [], new MqttLinkTests.Inbox());
            Assert.True(link.Ping());
        }

        MqttLinkTests.AssertFails(Options(broker), "it asks for a client certificate. Set CertificateFile and KeyFile");
        (string foreign, string foreignKey) = _stranger.Sign("arm");
        MqttLinkTests.AssertFails(good with { CertificateFile = foreign, KeyFile = foreignKey }, "it refused our certificate");
        MqttLinkTests.AssertFails(good with { CaFile = _stranger.File }, "is not the authority in CaFile");
        MqttLinkTests.AssertFails(good with { CaFile = null }, "which this system does not trust (name its authority in CaFile)");
        MqttLinkTests.AssertFails(good with { ServerName = "broker.example" }, "its certificate is for localhost, not for broker.example");
        MqttLinkTests.AssertFails(new() { Port = broker.Port }, "whether it expects TLS");
    }

    [Fact]
    public void Open_BrokersCertificateExpired_SaysUntilWhen()
    {
        using MosquittoBroker broker = Tls(expired: true);
        MqttLinkTests.AssertFails(Options(broker), "its certificate is valid from");
    }

    [Fact]
    public void Open_TlsToAPlainPort_SaysSo()
    {
        using var broker = new MosquittoBroker();
        MqttLinkTests.AssertFails(
            new()
            {
                Port = broker.Port,
                Tls = true,
                CaFile = _authority.File,
                ConnectTimeout = TimeSpan.FromSeconds(3),
            },
            "Check that the port"
        );
    }

    [Fact]
    public void Open_FileNoPem_NamesTheFile()
    {
        string file = Path.Combine(_folder, "noise.pem");
        File.WriteAllText(file, "noise");
        MqttLinkTests.AssertFails(new() { Tls = true, CaFile = file }, $"CaFile \"{file}\"");
        MqttLinkTests.AssertFails(
            new()
            {
                Tls = true,
                CertificateFile = file,
                KeyFile = file,
            },
            $"CertificateFile or KeyFile \"{file}"
        );
    }

    [Fact]
    public void Open_Password_WorksAndOthersGetOneClearMessage()
    {
        string folder = Directory.CreateTempSubdirectory("robotrl-mosquitto-").FullName;
        string passwords = Path.Combine(folder, "passwords"),
            acl = Path.Combine(folder, "acl"),
            right = Path.Combine(folder, "right"),
            wrong = Path.Combine(folder, "wrong");
        BrokerFiles.WritePasswords(passwords, ("arm", "secret"));
        File.WriteAllText(acl, "user arm\ntopic readwrite robotrl/arm/#\n");
        File.WriteAllText(right, "secret\n");
        File.WriteAllText(wrong, "guess\n");
        using var broker = new MosquittoBroker(folder, "allow_anonymous false", $"password_file {passwords}", $"acl_file {acl}");
        MqttLinkOptions good = new()
        {
            Port = broker.Port,
            User = "arm",
            PasswordFile = right,
        };
        using (var link = new MqttLink(good, "arm", TimeProvider.System))
        {
            link.Open(null, [], new MqttLinkTests.Inbox());
            link.Deliver(new("robotrl/arm/state", "x"u8.ToArray()));
            string message = Assert.Throws<TransportException>(() => link.Deliver(new("robotrl/other/command", "x"u8.ToArray()))).Message;
            Assert.Contains("user \"arm\" is not authorised to write topic robotrl/other/command", message, StringComparison.Ordinal);
        }

        MqttLinkTests.AssertFails(good with { PasswordFile = wrong }, "the login was refused");
        MqttLinkTests.AssertFails(good with { User = "leg" }, "the login was refused");
        MqttLinkTests.AssertFails(new() { Port = broker.Port }, "it asks for a user or a certificate");
    }

    private MqttLinkOptions Options(MosquittoBroker broker) =>
        new()
        {
            Port = broker.Port,
            Tls = true,
            CaFile = _authority.File,
            ConnectTimeout = TimeSpan.FromSeconds(3),
        };

    private MosquittoBroker Tls(params string[] lines) => Tls(false, lines);

    private MosquittoBroker Tls(bool expired, params string[] lines)
    {
        (string certificate, string key) = _authority.Sign("localhost", expired);
        return new(null, ["allow_anonymous true", $"cafile {_authority.File}", $"certfile {certificate}", $"keyfile {key}", .. lines]);
    }
}
