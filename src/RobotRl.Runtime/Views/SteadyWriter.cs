using System.Text;

namespace RobotRl.Runtime.Views;

/// <summary>
/// A stream of this process that may be closed, read-only or full: what it does not take is lost, and that is remembered; nobody who
/// writes ends by it.
/// </summary>
/// <remarks>Any thread, where <paramref name="inner"/> allows that.</remarks>
/// <param name="inner">The stream's writer, which it does not own.</param>
internal sealed class SteadyWriter(TextWriter inner) : TextWriter(inner.FormatProvider)
{
    private volatile string? _failure;
    private volatile bool _closed;

    /// <summary>Why something was not taken; null where all was.</summary>
    public string? Failure => _failure;

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(string? value) => Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void WriteLine() => Try(inner.WriteLine);

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    /// <inheritdoc/>
    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        if (_closed)
        {
            return;
        }

        try
        {
            write();
        }
        // Closed is UnauthorizedAccessException, `ulimit -f` ArgumentOutOfRangeException, a full disk IOException: none may end the
        // process.
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            _failure ??= e.Message.TrimEnd('.');
            // A full disk may have room later; what is closed stays so.
            _closed = e is UnauthorizedAccessException or ObjectDisposedException;
        }
    }
}
