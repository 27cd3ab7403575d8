using System.Globalization;
using System.Text;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Runtime.Tests.Fuzz;

/// <summary>
/// Random damage. One seed gives one row of cases; <c>ROBOTRL_FUZZ_SEED</c> chooses another, and every failure names the seed and
/// the case.
/// </summary>
internal sealed class FuzzCase
{
    /// <summary>Values that programs stumble over, as they are written on a command line or in JSON.</summary>
    private static readonly string[] s_values =
    [
        "",
        "0",
        "-1",
        "1",
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "-1e999",
        "1e-400",
        "2147483648",
        "-2147483649",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "0x10",
        "1,5",
        "1_000",
        "null",
        "true",
        "false",
        "[]",
        "{}",
        "[1,2",
        "[null]",
        "\"",
        "\\",
        "..",
        "/",
        "/dev/null",
        "a\tb",
        "\u001b[31m",
        "\u202e",
        "💥",
        "é",
        "00:00:01",
        "99999999.00:00:00",
        "-00:00:01",
        "1 d",
        "1 ms",
        "1 fortnight",
        "sac",
        "RealTime",
        "Lockstep",
        "PowerOff",
        "{0}",
        "%s%n",
        "=",
        "a=b",
        "a:b",
        "$(true)",
        "  7  ",
        "7;8",
        "[1e999]",
        "[-1]",
        "[2147483647]",
    ];

    private readonly CounterRandom _random;

    private FuzzCase(int index) => (Index, _random) = (index, new CounterRandom(Seed + (ulong)index, RandomPurpose.Simulation));

    /// <summary>Seed of all cases of this run of the tests.</summary>
    public static ulong Seed { get; } =
        ulong.TryParse(
            Environment.GetEnvironmentVariable("ROBOTRL_FUZZ_SEED"),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out ulong seed
        )
            ? seed
            : 20261201;

    /// <summary>Number of the case.</summary>
    public int Index { get; }

    /// <summary>The first <paramref name="count"/> cases from <paramref name="first"/> on.</summary>
    public static IEnumerable<FuzzCase> Take(int count, int first = 0)
    {
        TestContext.Current.SendDiagnosticMessage("fuzz: seed {0}, cases {1} to {2}", Seed, first, first + count - 1);
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"fuzz: seed {Seed}, cases {first} to {first + count - 1}")
        );
        return Enumerable.Range(first, count).Select(i => new FuzzCase(i));
    }

    /// <summary>Runs <paramref name="check"/>; whatever fails names seed and case.</summary>
    public void Check(string what, Action check)
    {
        try
        {
            check();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"ROBOTRL_FUZZ_SEED={Seed}, case {Index}: {what}: {e.Message}"),
                e
            );
        }
    }

    /// <summary>A whole number from 0 to <paramref name="below"/> - 1.</summary>
    public int Next(int below) => (int)(_random.NextUInt32() % (uint)below);

    /// <summary>One of <paramref name="items"/>.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    /// <summary>A value that programs stumble over.</summary>
    public string Value() => Pick(s_values);

    /// <summary>The same value as JSON: bare, quoted, or quoted with escapes that are wrong.</summary>
    public string JsonValue() =>
        Next(4) switch
        {
            0 => Value(),
            1 => $"\"{Value().Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
            2 => $"\"\\u{Next(65536):x4}\"",
            _ => Pick(["null", "{}", "[]", "[[]]", "{\"a\":{}}", "1e999", "-0", "true"]),
        };

    /// <summary><paramref name="bytes"/> with one to four faults: bits flipped, bytes cut, doubled, overwritten or put in.</summary>
    public byte[] Damage(byte[] bytes)
    {
        var damaged = new List<byte>(bytes);
        for (int n = Next(4); n >= 0; n--)
        {
            int at = Next(damaged.Count + 1),
                length = Math.Min(Next(16) + 1, damaged.Count - at);
            switch (Next(7))
            {
                case 0 when at < damaged.Count:
                    damaged[at] ^= (byte)(1 << Next(8));
                    break;
                case 1:
                    damaged.RemoveRange(at, length);
                    break;
                case 2:
                    damaged.InsertRange(at, damaged.GetRange(at, length));
                    break;
                case 3:
                    damaged.InsertRange(at, Encoding.UTF8.GetBytes(Value()));
                    break;
                case 4 when at < damaged.Count:
                    damaged[at] = (byte)Next(256);
                    break;
                case 5:
                    damaged.RemoveRange(at, damaged.Count - at);
                    break;
                default:
                    damaged.InsertRange(
                        at,
                        Pick<byte[]>([
                            [0],
                            [0xFF],
                            [0xC0, 0x80],
                            [0xED, 0xA0, 0x80],
                            [0xEF, 0xBB, 0xBF],
                            "\\ud800"u8.ToArray(),
                            "{"u8.ToArray(),
                            "}"u8.ToArray(),
                        ])
                    );
                    break;
            }
        }

        return [.. damaged];
    }
}
