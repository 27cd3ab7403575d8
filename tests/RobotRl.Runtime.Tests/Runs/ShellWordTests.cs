using RobotRl.Runtime.Runs;

namespace RobotRl.Runtime.Tests.Runs;

/// <summary>Words of the command lines that messages offer.</summary>
public sealed class ShellWordTests
{
    [Theory]
    [InlineData("runs/20260101T000000Z-pendulum-sac-1", "runs/20260101T000000Z-pendulum-sac-1")]
    [InlineData("a b/c d", "'a b/c d'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("", "''")]
    public void Quote_AnyWord_IsOneWordToAShell(string word, string quoted) => Assert.Equal(quoted, ShellWord.Quote(word));
}
