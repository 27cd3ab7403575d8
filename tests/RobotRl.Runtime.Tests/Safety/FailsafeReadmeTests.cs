using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Tests.Safety;

public sealed class FailsafeReadmeTests
{
    [Fact]
    public void Readme_TableOfCauses_IsWhatTheOptionsSay()
    {
        var options = new FailsafeOptions();
        string[] expected =
        [
            "| cause | threshold | action | clears |",
            "|---|---|---|---|",
            .. Enum.GetValues<FailsafeCause>()
                .Select(cause =>
                {
                    (AgeRule? age, CountRule? count, ShareRule? share) = options.Rule(cause);
                    string threshold = age is not null
                        ? age.Threshold == TimeSpan.Zero
                            ? "at once"
                            : $"{age.Threshold.TotalMilliseconds:0} ms{(age.Periods > 0 ? $" or {age.Periods} periods" : "")}"
                        : share is not null
                            ? string.Create(
                                System.Globalization.CultureInfo.InvariantCulture,
                                $"{share.Threshold * 100:0.#}% of {share.Window}"
                            )
                            : count!.Threshold == 1
                                ? "the first"
                                : $"{count.Threshold} in a row";
                    return $"| `{cause}` | {threshold} | `{age?.Action ?? count?.Action ?? share!.Action}` | "
                        + $"`{age?.Clears ?? count?.Clears ?? share!.Clears}` |";
                }),
        ];
        string[] table =
        [
            .. File.ReadLines(Path.Combine(Repository.Root, "src/RobotRl.Runtime/Safety/README.md"))
                .SkipWhile(l => !l.StartsWith("| cause", StringComparison.Ordinal))
                .TakeWhile(l => l.StartsWith('|')),
        ];
        Assert.Equal(expected, table);
    }
}
