namespace RobotRl.Hardware.Transports.Mqtt;

/// <summary>How to reach an MQTT v5 broker.</summary>
public sealed record MqttLinkOptions
{
    /// <summary>Host name or address of the broker. Default localhost: a broker on this machine.</summary>
    public string Broker { get; set; } = "localhost";

    /// <summary>TCP port. Default null: 1883, or 8883 with TLS (IANA's registered ports).</summary>
    public int? Port { get; set; }

    /// <summary>User name, or null: none is sent.</summary>
    public string? User { get; set; }

    /// <summary>
    /// File with the password in its first line, or null. A file, so that the password gets into no log and no checkpoint.
    /// </summary>
    public string? PasswordFile { get; set; }

    /// <summary>
    /// Encrypt, and check the broker's certificate. Default false, for a broker on this machine; use it on every network.
    /// </summary>
    public bool Tls { get; set; }

    /// <summary>PEM file with the authority that signed the broker's certificate, or null: the system's authorities.</summary>
    public string? CaFile { get; set; }

    /// <summary>PEM file with our own certificate, or null where the broker asks for none.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>PEM file with the key of that certificate.</summary>
    public string? KeyFile { get; set; }

    /// <summary>Name that the broker's certificate must bear, or null: <see cref="Broker"/>.</summary>
    public string? ServerName { get; set; }

    /// <summary>
    /// Longest time to connect, and to wait for any answer of the broker. Default 1 s: the first try and one more fit into the 5
    /// s in which a link comes back.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long the broker may take to answer a ping before it counts as dead. Default 0.3 s: our measurement of a frozen broker,
    /// seen in 0.4 s.
    /// </summary>
    public TimeSpan PingTimeout { get; set; } = TimeSpan.FromSeconds(0.3);

    /// <summary>
    /// After how long without traffic client and broker look for each other. Default 10 s; no safety function depends on it.
    /// </summary>
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The port that is used.</summary>
    internal int EffectivePort => Port ?? (Tls ? 8883 : 1883);

    /// <summary>The broker, for messages.</summary>
    internal string Url => $"{(Tls ? "mqtts" : "mqtt")}://{Broker}:{EffectivePort}";

    /// <summary>Every problem with these options, one sentence each.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (string.IsNullOrWhiteSpace(Broker))
        {
            yield return $"{path}:Broker is \"{Broker}\"; allowed: a host name or address. Name the machine that the broker runs on.";
        }

        if (Port is < 1 or > 65535)
        {
            yield return $"{path}:Port is {Port}; allowed: 1 to 65535. Set the broker's port, or remove it.";
        }

        if (PasswordFile is not null && User is null)
        {
            yield return $"{path}:PasswordFile is \"{PasswordFile}\" without a User; allowed: both or neither. Set {path}:User.";
        }

        if (CertificateFile is null != KeyFile is null)
        {
            yield return $"{path}:CertificateFile is \"{CertificateFile}\" and KeyFile is \"{KeyFile}\"; allowed: both or neither. Set the "
                + $"other one too.";
        }

        if (!Tls && (CaFile ?? CertificateFile ?? ServerName) is { } unused)
        {
            yield return $"{path}:Tls is false, but \"{unused}\" is set, which only TLS uses. Set {path}:Tls to true.";
        }

        foreach (
            (string name, string? file) in new[]
            {
                ("PasswordFile", PasswordFile),
                ("CaFile", CaFile),
                ("CertificateFile", CertificateFile),
                ("KeyFile", KeyFile),
            }
        )
        {
            if (file is not null && !File.Exists(file))
            {
                yield return $"{path}:{name} is \"{file}\", which does not exist. Correct the path.";
            }
        }

        foreach (
            (string name, TimeSpan value, TimeSpan least, TimeSpan most) in new[]
            {
                ("ConnectTimeout", ConnectTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(60)),
                ("PingTimeout", PingTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10)),
                ("KeepAlive", KeepAlive, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            }
        )
        {
            if (value < least || value > most)
            {
                yield return $"{path}:{name} is {value}; allowed: {least} to {most}. Its default suits a local network.";
            }
        }
    }
}
