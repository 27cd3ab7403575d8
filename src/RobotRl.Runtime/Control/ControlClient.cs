using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using RobotRl.Runtime.Runs;

namespace RobotRl.Runtime.Control;

/// <summary>Asks a running session.</summary>
public static class ControlClient
{
    // Arming may restart servos and connect anew, each of which the driver gives 30 s: nobody is to be told that it failed meanwhile.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10),
        ArmLimit = TimeSpan.FromSeconds(90);

    // A socket that was deleted is made anew within a second.
    private const int Tries = 20;
    private static readonly TimeSpan TryInterval = TimeSpan.FromMilliseconds(100),
        OrderLimit = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Sends <paramref name="request"/> to the session in <paramref name="runDirectory"/> and waits for its answer, 10 s at most, for
    /// arming 90 s. An order to stop goes to a socket of its own first. Where the session cannot be reached although a process holds the
    /// run, it is tried again for 2 s.
    /// </summary>
    /// <exception cref="ControlException">Nothing runs there, or it does not answer (<see cref="ControlException.StillRuns"/>).</exception>
    public static async Task<ControlAnswer> AskAsync(string runDirectory, ControlRequest request, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!Directory.Exists(runDirectory))
        {
            throw NoDirectory(runDirectory);
        }

        using var address = new ControlAddress(runDirectory);
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(request, ControlJson.Default.ControlRequest), (byte)'\n'];
        bool stops = request.Command is ControlCommand.Stop or ControlCommand.PowerOff,
            ordered = false;
        for (int i = 1; ; i++)
        {
            // On every try: the socket may be made anew meanwhile.
            ordered |=
                stops && !ordered && UnixSocket.TrySendTo(address.SocketPath(ControlAddress.StopFileName), line.AsSpan()[..^1], OrderLimit);
            try
            {
                return await AskOnceAsync(
                        runDirectory,
                        address,
                        line,
                        request.Command == ControlCommand.Arm ? ArmLimit : AnswerLimit,
                        cancel
                    )
                    .ConfigureAwait(false);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
            {
                throw new ControlException(
                    runDirectory,
                    $"{runDirectory}: the run there belongs to another user, who alone may ask and stop it. Ask as that user, or as root.",
                    e
                );
            }
            catch (Exception e) when (e is SocketException or JsonException or IOException or TimeoutException)
            {
                using RunHolder? holder = RunHolder.Find(runDirectory);
                bool held = holder is not null || RunLock.IsHeld(runDirectory);
                if (!held && !ordered && IsAbsent(e))
                {
                    throw new ControlException(
                        runDirectory,
                        $"{runDirectory}: nothing runs there. `robotrl inspect {runDirectory}` shows what it left.",
                        e
                    );
                }

                if (i >= Tries || e is TimeoutException)
                {
                    throw Unreached(runDirectory, request.Command, holder, held, ordered, e);
                }
            }

            await Task.Delay(TryInterval, TimeProvider.System, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Directories right below <paramref name="parent"/> whose run a process holds, or whose session answers.</summary>
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
            if (new DirectoryInfo(directory).LinkTarget is not null)
            {
                continue;
            }

            if (RunLock.IsHeld(directory))
            {
                running.Add(directory);
            }
            else if (File.Exists(Path.Combine(directory, ControlAddress.FileName)))
            {
                try
                {
                    await AskAsync(directory, new ControlRequest(ControlCommand.Status), cancel).ConfigureAwait(false);
                    running.Add(directory);
                }
                catch (ControlException e) when (!e.StillRuns)
                {
                    // Stale: its process was killed.
                }
                catch (ControlException)
                {
                    running.Add(directory);
                }
            }
        }

        return running;
    }

    /// <summary>Whether nobody listens there, rather than somebody who has no place for this connection now.</summary>
    private static bool IsAbsent(Exception e) =>
        e
            is SocketException
            {
                SocketErrorCode: not (
                    SocketError.WouldBlock
                    or SocketError.ConnectionReset
                    or SocketError.ConnectionAborted
                    or SocketError.Shutdown
                )
            };

    private static async Task<ControlAnswer> AskOnceAsync(
        string runDirectory,
        ControlAddress address,
        byte[] line,
        TimeSpan limit,
        CancellationToken cancel
    )
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(limit);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(address.EndPoint, limited.Token).ConfigureAwait(false);
            await socket.SendAsync(line, SocketFlags.None, limited.Token).ConfigureAwait(false);
            using var stream = new NetworkStream(socket);
            return await JsonSerializer.DeserializeAsync(stream, ControlJson.Default.ControlAnswer, limited.Token).ConfigureAwait(false)
                ?? throw new JsonException($"{runDirectory}: the run's process gave an empty answer.");
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"no answer within {limit.TotalSeconds} s"), e);
        }
    }

    /// <summary>A process holds the run, or took an order to stop, and its control socket says nothing.</summary>
    private static ControlException Unreached(string run, ControlCommand command, RunHolder? holder, bool held, bool ordered, Exception e)
    {
        string who =
            holder is not null ? string.Create(CultureInfo.InvariantCulture, $"process {holder.ProcessId}")
            : held && RunLock.Owner(run) is { } owner ? string.Create(CultureInfo.InvariantCulture, $"process {owner} (by its own word)")
            : "a process";
        string what = held
            ? $"{who} holds the run and does not answer at its control socket ({e.Message.TrimEnd('.')})"
            : $"the run's process gave no whole answer ({e.Message.TrimEnd('.')})";
        string order = ordered ? " The order to stop was delivered; read-back has not confirmed it." : "";
        string then = command is ControlCommand.Stop or ControlCommand.PowerOff or ControlCommand.Arm
            ? " The robot may still move."
            : $" `robotrl stop {run}` stops it all the same.";
        return new ControlException(run, $"{run}: {what}.{order}{then}", e) { StillRuns = true };
    }

    /// <summary>There is no such directory: a run that is held may have been renamed.</summary>
    private static ControlException NoDirectory(string run)
    {
        IReadOnlyList<RunHolder> all = RunHolder.All();
        try
        {
            string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(run));
            if (all.FirstOrDefault(h => h.Directory == full) is { } deleted)
            {
                return new ControlException(
                    run,
                    FormattableString.Invariant(
                        $"{run}: the run directory was deleted, and process {deleted.ProcessId} still runs there. The robot may still move."
                    )
                )
                {
                    StillRuns = true,
                };
            }

            string[] running =
            [
                .. all.Where(h => File.Exists(Path.Combine(h.Directory, ControlAddress.FileName)))
                    .Select(h => FormattableString.Invariant($"{h.Directory} (process {h.ProcessId})")),
            ];
            string renamed =
                running.Length == 0
                    ? "Name the directory of a running one."
                    : $"Running now, where it may have been renamed: {string.Join(", ", running)}.";
            return new ControlException(run, $"{run}: there is no such run directory. {renamed}");
        }
        finally
        {
            foreach (RunHolder holder in all)
            {
                holder.Dispose();
            }
        }
    }
}
