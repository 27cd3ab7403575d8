using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace RobotRl.Hil.Pendulum;

/// <summary>The emulated rig's control socket: one command a line, one answer. Any thread, one at a time.</summary>
public sealed class RigControl : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[2048];

    /// <summary>Connects to the socket at <paramref name="path"/>.</summary>
    /// <exception cref="RigException">No rig listens there.</exception>
    public RigControl(string path)
    {
        _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = (int)AnswerLimit.TotalMilliseconds,
        };
        try
        {
            _socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException error)
        {
            _socket.Dispose();
            throw new RigException($"No rig listens at {path}: {error.Message}.", error);
        }
    }

    /// <summary>Sends one command and returns its answer without the leading <c>ok</c>.</summary>
    /// <exception cref="RigException">The rig refuses it, or is gone.</exception>
    public string Send(string command)
    {
        lock (_lock)
        {
            try
            {
                _socket.Send(Encoding.ASCII.GetBytes(command + "\n"));
                int count = 0;
                do
                {
                    int read = _socket.Receive(_buffer, count, _buffer.Length - count, SocketFlags.None);
                    count += read > 0 ? read : throw new RigException($"The rig went away at \"{command}\".");
                } while (_buffer[count - 1] != '\n');
                string answer = Encoding.ASCII.GetString(_buffer, 0, count - 1);
                return answer.StartsWith("ok", StringComparison.Ordinal)
                    ? answer[2..].Trim()
                    : throw new RigException($"The rig refuses \"{command}\": {answer}.");
            }
            catch (SocketException error)
            {
                throw new RigException($"The rig does not answer \"{command}\": {error.Message}.", error);
            }
        }
    }

    /// <summary>What it says of itself; the trace up to here can be read then.</summary>
    public RigStatus Status() => RigStatus.Parse(Send("status"));

    /// <summary>Bytes are lost from now on.</summary>
    public void Cut(LineDirection direction = LineDirection.Both) => Send($"cut {Word(direction)}");

    /// <summary>Bytes pass again.</summary>
    public void Restore(LineDirection direction = LineDirection.Both) => Send($"restore {Word(direction)}");

    /// <summary>Damages this share of all bytes, 0 to 1.</summary>
    public void Corrupt(double share, LineDirection direction = LineDirection.Both) =>
        Send(string.Create(CultureInfo.InvariantCulture, $"corrupt {share} {Word(direction)}"));

    /// <summary>Takes the port away, as a pulled plug does.</summary>
    public void Unplug() => Send("unplug");

    /// <summary>Brings the port back under the same path.</summary>
    public void Plug() => Send("plug");

    /// <summary>The MCU hangs with interrupts off; or only its main loop.</summary>
    public void Hang(bool mainLoopOnly = false) => Send(mainLoopOnly ? "hang loop" : "hang");

    /// <summary>The supply breaks down: the MCU is held in reset for that long.</summary>
    public void BrownOut(TimeSpan duration) => Send(string.Create(CultureInfo.InvariantCulture, $"brownout {duration.TotalMilliseconds}"));

    /// <summary>The MCU's reset button.</summary>
    public void Reset() => Send("reset");

    /// <summary>The emergency stop switch in the motor's supply: false cuts it.</summary>
    public void SwitchSupply(bool on) => Send(on ? "supply on" : "supply off");

    /// <summary>The encoder's plug: false pulls it.</summary>
    public void ConnectEncoder(bool connected) => Send(connected ? "encoder on" : "encoder off");

    /// <summary>A hand on the arm.</summary>
    public void Push(double torqueNm, TimeSpan duration) =>
        Send(string.Create(CultureInfo.InvariantCulture, $"push {torqueNm} {duration.TotalMilliseconds}"));

    /// <summary>Puts the arm elsewhere; its encoder follows at 20,000 counts a second.</summary>
    public void Set(double angleRad, double velocityRadS) =>
        Send(string.Create(CultureInfo.InvariantCulture, $"set {angleRad} {velocityRadS}"));

    /// <summary>Wear and pace are counted from now on.</summary>
    public void ResetCounters() => Send("reset-counters");

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static string Word(LineDirection direction) =>
        direction switch
        {
            LineDirection.ToMcu => "rx",
            LineDirection.ToHost => "tx",
            _ => "both",
        };
}
