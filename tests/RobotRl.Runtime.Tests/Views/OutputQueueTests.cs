using System.Text;
using RobotRl.Runtime.Views;

namespace RobotRl.Runtime.Tests.Views;

public sealed class OutputQueueTests
{
    [Fact]
    public void WriteLine_NobodyTakesIt_NeverWaits_AndSaysLaterHowMuchWasDropped()
    {
        using var taken = new ManualResetEvent(initialState: false);
        var reader = new Reader { BeforeLine = () => taken.WaitOne() };
        using (var queue = new OutputQueue(reader))
        {
            for (int i = 0; i < 3000; i++)
            {
                queue.WriteLine($"line {i}");
            }

            Assert.Empty(reader.Lines);
            taken.Set();
        }

        Assert.Equal("line 0", reader.Lines[0]);
        Assert.InRange(reader.Lines.Count, 1001, 1002);
        Assert.Matches("^warning: (1999|2000) lines were dropped", reader.Lines[^1]);
    }

    [Fact]
    public void WriteLine_ReaderIsGone_NothingHappens()
    {
        var reader = new Reader { BeforeLine = () => throw new IOException("Input/output error") };
        using var queue = new OutputQueue(reader);
        queue.WriteLine("one");
        queue.WriteLine("two");
    }

    [Fact]
    public void Dispose_LinesAreLeft_AreWritten()
    {
        var reader = new Reader();
        using (var queue = new OutputQueue(reader))
        {
            queue.WriteLine("one");
            queue.WriteLine("two");
        }

        Assert.Equal(["one", "two"], reader.Lines);
    }

    private sealed class Reader : TextWriter
    {
        public List<string> Lines { get; } = [];

        public Action BeforeLine { get; init; } = () => { };

        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value)
        {
            BeforeLine();
            Lines.Add(value!);
        }
    }
}
