using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace RobotRl.Runtime.Tests.Control;

/// <summary>Connections to a control socket that do as they like.</summary>
internal static class RawPeer
{
    /// <summary>One that says nothing.</summary>
    public static Socket Connect(string run)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            SendTimeout = 10_000,
            ReceiveTimeout = 10_000,
        };
        socket.Connect(new UnixDomainSocketEndPoint(Path.Combine(run, "control.sock")));
        return socket;
    }

    /// <summary>
    /// Sends <paramref name="bytes"/>, says that no more come, and returns what is answered; null where the connection was cut.
    /// </summary>
    public static string? Ask(string run, ReadOnlySpan<byte> bytes)
    {
        try
        {
            using Socket socket = Connect(run);
            socket.Send(bytes);
            socket.Shutdown(SocketShutdown.Send);
            var answer = new StringBuilder();
            byte[] buffer = new byte[8192];
            for (int read; (read = socket.Receive(buffer)) > 0; )
            {
                answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }

            return answer.ToString();
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>The figures of a run that has started to move; null before that.</summary>
    public static JsonNode? Progress(string run) =>
        File.Exists(Path.Combine(run, "control.sock"))
        && Ask(run, "{\"command\":\"status\"}\n"u8) is { Length: > 0 } answer
        && JsonNode.Parse(answer)!["status"]!["progress"]! is var progress
        && (long)progress["step"]! > 5
            ? progress
            : null;

    /// <summary>Threads that ask for the status in a loop until the returned object is disposed.</summary>
    public static IDisposable Poll(string run, int clients) => new Pollers(run, clients);

    private sealed class Pollers : IDisposable
    {
        private readonly Thread[] _threads;
        private volatile bool _ended;

        public Pollers(string run, int clients)
        {
            _threads =
            [
                .. Enumerable
                    .Range(0, clients)
                    .Select(_ => new Thread(() =>
                    {
                        while (!_ended)
                        {
                            Ask(run, "{\"command\":\"status\"}\n"u8);
                        }
                    })),
            ];
            Array.ForEach(_threads, t => t.Start());
        }

        public void Dispose()
        {
            _ended = true;
            Array.ForEach(_threads, t => t.Join());
        }
    }
}
