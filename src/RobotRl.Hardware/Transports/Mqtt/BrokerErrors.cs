using System.Net.Sockets;
using System.Security.Authentication;
using MQTTnet;
using MQTTnet.Exceptions;

namespace RobotRl.Hardware.Transports.Mqtt;

/// <summary>Turns what MQTTnet says or throws into one sentence: broker, reason, what to do.</summary>
internal static class BrokerErrors
{
    public static TransportException Refused(MqttLinkOptions options, MqttClientConnectResult result) =>
        Make(
            options,
            result.ResultCode switch
            {
                MqttClientConnectResultCode.BadUserNameOrPassword =>
                    $"the login was refused for {Who(options)}. Correct User and PasswordFile.",
                MqttClientConnectResultCode.NotAuthorized when options.User is null && options.CertificateFile is null =>
                    "the login was refused: it asks for a user or a certificate. Set User and PasswordFile, or "
                        + "CertificateFile and KeyFile.",
                MqttClientConnectResultCode.NotAuthorized =>
                    $"the login was refused: {Who(options)} is not authorised. Correct the credentials, or the broker's user list.",
                MqttClientConnectResultCode.ClientIdentifierNotValid =>
                    "the client identifier was refused. Permit it in the broker's configuration.",
                MqttClientConnectResultCode.Banned => $"{Who(options)} is banned. Ask who runs the broker.",
                MqttClientConnectResultCode.UnsupportedProtocolVersion =>
                    "it does not speak MQTT v5. Use a broker that does, such as mosquitto 2.",
                MqttClientConnectResultCode.ServerBusy
                or MqttClientConnectResultCode.ServerUnavailable
                or MqttClientConnectResultCode.QuotaExceeded
                or MqttClientConnectResultCode.ConnectionRateExceeded =>
                    $"it takes no connection now ({result.ResultCode}). Wait, or look into the broker's log.",
                _ => $"the connection was refused "
                    + $"({result.ResultCode}{(string.IsNullOrEmpty(result.ReasonString) ? "" : $": {result.ReasonString}")}). "
                    + $"Look into the broker's log.",
            }
        );

    public static TransportException PublishRefused(MqttLinkOptions options, string topic, MqttClientPublishResult result) =>
        Make(
            options,
            result.ReasonCode == MqttClientPublishReasonCode.NotAuthorized
                ? $"{Who(options)} is not authorised to write topic {topic}. Permit it in the broker's ACL, or use other credentials."
                : $"a message to topic {topic} was refused ({result.ReasonCode}). Look into the broker's log."
        );

    public static TransportException SubscribeRefused(MqttLinkOptions options, string topic, MqttClientSubscribeResultCode code) =>
        Make(
            options,
            code == MqttClientSubscribeResultCode.NotAuthorized
                ? $"{Who(options)} is not authorised to read topic {topic}. Permit it in the broker's ACL, or use other credentials."
                : $"the subscription to topic {topic} was refused ({code}). Look into the broker's log."
        );

    /// <summary>What an exception means.</summary>
    /// <param name="options">Which broker.</param>
    /// <param name="tls">Its TLS state, where it was connecting with TLS.</param>
    /// <param name="tookTooLong">Whether the time limit was used up: MQTTnet then reports a closed connection.</param>
    /// <param name="error">What was thrown.</param>
    public static TransportException Failed(MqttLinkOptions options, BrokerTls? tls, bool tookTooLong, Exception error)
    {
        Exception[] all = [.. Unwrap(error)];
        if (tls?.Refusal is { } certificate)
        {
            return Make(options, $"TLS failed: {certificate}.", error);
        }

        if (all.OfType<SocketException>().FirstOrDefault() is { } socket && Socket(options, socket.SocketErrorCode) is { } sentence)
        {
            return Make(options, sentence, error);
        }

        if (
            tookTooLong || Array.Exists(all, e => e is OperationCanceledException or MqttCommunicationTimedOutException or TimeoutException)
        )
        {
            return Make(
                options,
                $"it did not answer within {options.ConnectTimeout.TotalSeconds:0.###} s. Check that it runs and that it is a "
                    + $"broker, or raise ConnectTimeout.",
                error
            );
        }

        // We trusted it and it hung up before it answered. With TLS 1.3 a refused client certificate shows only so.
        if (tls is { Trusted: true })
        {
            return Make(
                options,
                options.CertificateFile is { } file
                    ? $"TLS failed: it refused our certificate \"{file}\". Use one that the broker's authority signed and that "
                        + $"is valid now."
                    : "TLS failed: it asks for a client certificate. Set CertificateFile and KeyFile.",
                error
            );
        }

        if (all.OfType<AuthenticationException>().FirstOrDefault() is { } refused)
        {
            return Make(
                options,
                $"TLS failed ({Words(refused)}). Check that the port speaks TLS and that both sides share a version of it.",
                error
            );
        }

        return Array.Exists(all, e => e is MqttProtocolViolationException)
            ? Make(options, "what answers there does not speak MQTT v5. Correct Broker and Port.", error)
            : Make(
                options,
                $"the connection ended ({Words(all[^1])}). Check that the port is the "
                    + $"broker's{(options.Tls ? " and that it speaks TLS" : ", and whether it expects TLS")}.",
                error
            );
    }

    private static string? Socket(MqttLinkOptions options, SocketError code) =>
        code switch
        {
            SocketError.ConnectionRefused => "nothing listens there (connection refused). Start the broker, or correct Broker and Port.",
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain =>
                $"the host name \"{options.Broker}\" is unknown. Correct Broker, or the name service.",
            SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.HostDown =>
                "the host cannot be reached. Check the network.",
            SocketError.TimedOut => "the host does not answer. Check the network and the firewall.",
            _ => null,
        };

    private static string Who(MqttLinkOptions options) =>
        options.User is { } user ? $"user \"{user}\""
        : options.CertificateFile is { } file ? $"the certificate \"{file}\""
        : "a client without user";

    private static string Words(Exception error) => error.Message.ReplaceLineEndings(" ").TrimEnd('.');

    private static IEnumerable<Exception> Unwrap(Exception error)
    {
        for (Exception? e = error; e is not null; e = e.InnerException)
        {
            yield return e;
        }
    }

    private static TransportException Make(MqttLinkOptions options, string sentence, Exception? inner = null) =>
        new(options.Url, $"MQTT broker {options.Url}: {sentence}", inner);
}
