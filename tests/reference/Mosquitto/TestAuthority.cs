using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RobotRl.Reference.Mosquitto;

/// <summary>A certificate authority made at run time, and certificates that it signs, as PEM files in a folder.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly string _folder;
    private readonly X509Certificate2 _authority;
    private int _serial;

    public TestAuthority(string folder, string name)
    {
        _folder = folder;
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        File = Path.Combine(folder, $"{name}.pem");
        System.IO.File.WriteAllText(File, _authority.ExportCertificatePem());
    }

    /// <summary>Its own certificate.</summary>
    public string File { get; }

    /// <summary>A certificate for <paramref name="name"/>, with that DNS name; the loopback address too where it is localhost.</summary>
    public (string Certificate, string Key) Sign(string name, bool expired = false)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (name == "localhost")
        {
            names.AddIpAddress(IPAddress.Loopback);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 certificate = request.Create(
            _authority,
            now.AddHours(-20),
            expired ? now.AddHours(-1) : now.AddDays(20),
            [1, (byte)++_serial]
        );
        string stem = Path.Combine(_folder, $"{Path.GetFileNameWithoutExtension(File)}-{name}-{_serial}");
        System.IO.File.WriteAllText($"{stem}.crt", certificate.ExportCertificatePem());
        System.IO.File.WriteAllText($"{stem}.key", key.ExportPkcs8PrivateKeyPem());
        return ($"{stem}.crt", $"{stem}.key");
    }

    public void Dispose() => _authority.Dispose();
}
