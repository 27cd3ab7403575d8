using System.Buffers;
using System.Text.Json;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Control;

/// <summary>
/// Answers as bytes. Those that say nothing new are made once; one with the state of the run is written into a buffer that is used
/// again, twenty times a second at most for whoever asks for no more than the state.
/// </summary>
/// <remarks>One thread.</remarks>
internal sealed class ControlAnswers : IDisposable
{
    /// <summary>How far apart answers to <c>status</c> are: everybody who asked meanwhile gets the same one.</summary>
    public static readonly TimeSpan StatusInterval = TimeSpan.FromMilliseconds(50);

    private readonly IRunControl _control;
    private readonly ArrayBufferWriter<byte> _buffer = new(16 * 1024);
    private readonly Utf8JsonWriter _writer;

    public ControlAnswers(IRunControl control)
    {
        _control = control;
        _writer = new Utf8JsonWriter(_buffer);
        // A cold call takes tens of milliseconds.
        WithStatus(null);
    }

    /// <summary>To a sign of life.</summary>
    public byte[] Done { get; } = Encode(new ControlAnswer(true, null, Environment.ProcessId, null));

    /// <summary>To what is no request.</summary>
    public byte[] NotUnderstood { get; } =
        Refuse(
            $"The request is not understood. Send one line of {ControlPeer.LongestRequest} bytes at most, such as "
                + $"{{\"command\":\"status\"}}; commands: status, arm, ready, beat, stop, powerOff, each with a \"reason\" where "
                + $"wanted."
        );

    /// <summary>To an order where too many wait.</summary>
    public byte[] Busy { get; } = Refuse("Too many orders wait to be carried out. Ask again in a moment.");

    /// <summary>To another user.</summary>
    public byte[] NotOwner { get; } = Refuse("Only the user who started this run may ask it. Ask as that user, or as root.");

    /// <summary>How it went, and the state of the run now. Valid until the next call.</summary>
    public ReadOnlySpan<byte> WithStatus(string? error)
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
        JsonSerializer.Serialize(
            _writer,
            new ControlAnswer(error is null, error, Environment.ProcessId, _control.Status()),
            ControlJson.Default.ControlAnswer
        );
        _writer.Flush();
        _buffer.Write("\n"u8);
        return _buffer.WrittenSpan;
    }

    /// <summary>To an order to stop: whether read-back has confirmed it by now.</summary>
    public ReadOnlySpan<byte> WithStop()
    {
        if (_control.StopConfirmed)
        {
            return WithStatus(null);
        }

        RunStatus status = _control.Status();
        return WithStatus(
            status.StopConfirmed
                ? null
                : $"The stop was asked for, and read-back of robot {status.Robot} has NOT CONFIRMED it ({status.State}). Look "
                    + $"at the robot and remove its power by hand."
        );
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private static byte[] Refuse(string error) => Encode(new ControlAnswer(false, error, Environment.ProcessId, null));

    private static byte[] Encode(ControlAnswer answer) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(answer, ControlJson.Default.ControlAnswer), (byte)'\n'];
}
