using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MQTTnet;

namespace RobotRl.Hardware.Transports.Mqtt;

/// <summary>The files behind TLS and login, and the check of the broker's certificate, which keeps its reason for the message.</summary>
internal sealed class BrokerTls
{
    private readonly MqttLinkOptions _options;
    private readonly X509Certificate2Collection? _authorities;
    private readonly X509Certificate2? _own;

    private BrokerTls(MqttLinkOptions options, X509Certificate2Collection? authorities, X509Certificate2? own) =>
        (_options, _authorities, _own) = (options, authorities, own);

    /// <summary>Why the broker's certificate was not trusted, as the rest of a sentence; null where it was, or none came.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Whether the broker's certificate came and was trusted.</summary>
    public bool Trusted { get; private set; }

    public static BrokerTls Load(MqttLinkOptions options)
    {
        X509Certificate2Collection? authorities = null;
        if (options.CaFile is { } file)
        {
            authorities = [];
            Read(options, "CaFile", file, () => authorities.ImportFromPemFile(file));
            if (authorities.Count == 0)
            {
                throw new TransportException(
                    options.Url,
                    $"MQTT broker {options.Url}: CaFile \"{file}\" holds no certificate. It must be a PEM file with the "
                        + $"authority that signed the broker's."
                );
            }
        }

        X509Certificate2? own = null;
        if (options is { CertificateFile: { } certificate, KeyFile: { } key })
        {
            Read(options, "CertificateFile or KeyFile", $"{certificate}\", \"{key}", () =>
                own = X509Certificate2.CreateFromPemFile(certificate, key)
            );
            if (OperatingSystem.IsWindows())
            {
                // Its TLS takes no key that was never stored.
                own = X509CertificateLoader.LoadPkcs12(own!.Export(X509ContentType.Pkcs12), null);
            }
        }

        return new(options, authorities, own);
    }

    public static byte[] ReadPassword(MqttLinkOptions options)
    {
        if (options.PasswordFile is not { } file)
        {
            return [];
        }

        string password = "";
        Read(options, "PasswordFile", file, () => password = File.ReadLines(file).FirstOrDefault() ?? "");
        return Encoding.UTF8.GetBytes(password);
    }

    public void Apply(MqttClientTlsOptionsBuilder tls)
    {
        tls.UseTls()
            .WithTargetHost(_options.ServerName ?? _options.Broker)
            .WithRevocationMode(X509RevocationMode.NoCheck)
            .WithCertificateValidationHandler(Check);
        if (_own is not null)
        {
            tls.WithClientCertificates(new X509Certificate2Collection(_own));
        }
    }

    private bool Check(MqttClientCertificateValidationEventArgs e)
    {
        Refusal = e.Certificate is not { } raw ? "it showed no certificate" : Judge(new(raw), e);
        Trusted = Refusal is null;
        return Trusted;
    }

    private string? Judge(X509Certificate2 certificate, MqttClientCertificateValidationEventArgs e)
    {
        if (e.SslPolicyErrors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return $"its certificate is for {certificate.GetNameInfo(X509NameType.DnsName, false)}, not for "
                + $"{_options.ServerName ?? _options.Broker} "
                + "(Broker must be a name in the certificate, or ServerName say which)";
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (_authorities is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        }

        foreach (X509ChainElement element in e.Chain?.ChainElements.AsEnumerable() ?? [])
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        if (chain.Build(certificate))
        {
            return null;
        }

        X509ChainStatusFlags why = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        string distrust = _options.CaFile is { } file
            ? $"is not the authority in CaFile \"{file}\""
            : "this system does not trust (name its authority in CaFile)";
        return (why & X509ChainStatusFlags.NotTimeValid) != 0
                ? $"its certificate is valid from {certificate.NotBefore:yyyy-MM-dd} to {certificate.NotAfter:yyyy-MM-dd} only "
                    + $"(renew it, or set this machine's clock)"
            : (why & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0
                ? $"its certificate was signed by {certificate.IssuerName.Name}, which {distrust}"
            : $"its certificate is not accepted ({why})";
    }

    private static void Read(MqttLinkOptions options, string option, string file, Action read)
    {
        try
        {
            read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new TransportException(
                options.Url,
                $"MQTT broker {options.Url}: {option} \"{file}\" cannot be used ({error.Message.TrimEnd('.')}). It must be a "
                    + $"readable file{(option == "PasswordFile" ? "" : " in PEM form")}.",
                error
            );
        }
    }
}
