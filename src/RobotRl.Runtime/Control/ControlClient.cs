using System.Net.Sockets;
using System.Text.Json;

namespace RobotRl.Runtime.Control;

/// <summary>Asks a running session.</summary>
public static class ControlClient
{
    // Arming may restart servos and connect anew, each of which the driver gives 30 s: nobody is to be told that it failed meanwhile.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), ArmPatience = TimeSpan.FromSeconds(90);

    /// <summary>Sends <paramref name="request"/> to the session in <paramref name="runDirectory"/> and waits for its answer, 10 s at most, for arming 90 s.</summary>
    /// <exception cref="ControlException">Nothing runs there, or it does not answer.</exception>
    public static async Task<ControlAnswer> AskAsync(string runDirectory, ControlRequest request, CancellationToken cancel)
    {
        if (!Directory.Exists(runDirectory))
        {
            throw new ControlException(runDirectory, $"{runDirectory}: there is no such run directory. Name the directory of a running one.");
        }

        using var address = new ControlAddress(runDirectory);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        TimeSpan limit = request.Command == ControlCommand.Arm ? ArmPatience : Patience;
        patience.CancelAfter(limit);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(address.EndPoint, patience.Token).ConfigureAwait(false);
            byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(request, ControlJson.Default.ControlRequest), (byte)'\n'];
            await socket.SendAsync(line, SocketFlags.None, patience.Token).ConfigureAwait(false);
            using var stream = new NetworkStream(socket);
            return await JsonSerializer.DeserializeAsync(stream, ControlJson.Default.ControlAnswer, patience.Token).ConfigureAwait(false)
                ?? throw new ControlException(runDirectory, $"{runDirectory}: the run's process gave an empty answer.");
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new ControlException(runDirectory, $"{runDirectory}: the run there belongs to another user, who alone may ask and stop it. Ask as that user, or as root.", e);
        }
        catch (SocketException e)
        {
            throw new ControlException(runDirectory, $"{runDirectory}: nothing runs there. `robotrl inspect {runDirectory}` shows what it left.", e);
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new ControlException(runDirectory, $"{runDirectory}: the run's process gave no whole answer: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new ControlException(runDirectory, $"{runDirectory}: the run's process did not answer within {limit.TotalSeconds} s.{(request.Command is ControlCommand.Stop or ControlCommand.PowerOff or ControlCommand.Arm ? " The robot may still move: remove its power by hand." : "")}", e);
        }
    }

    /// <summary>Directories right below <paramref name="parent"/> whose session answers.</summary>
    public static async Task<IReadOnlyList<string>> FindRunningAsync(string parent, CancellationToken cancel)
    {
        var running = new List<string>();
        if (!Directory.Exists(parent))
        {
            return running;
        }

        foreach (string directory in Directory.EnumerateDirectories(parent).Order(StringComparer.Ordinal))
        {
            // A link such as runs/latest is another name of a run that is listed by its own.
            if (new DirectoryInfo(directory).LinkTarget is not null || !File.Exists(Path.Combine(directory, ControlAddress.FileName)))
            {
                continue;
            }

            try
            {
                await AskAsync(directory, new ControlRequest(ControlCommand.Status), cancel).ConfigureAwait(false);
                running.Add(directory);
            }
            catch (ControlException)
            {
                // Stale: its process was killed.
            }
        }

        return running;
    }
}
