using System.Globalization;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hil.Saboteur;

/// <summary>
/// One fault and when it strikes, from the environment variable <see cref="Variable"/> such as <c>nan@200</c>: at the 200th control
/// step (or update, for those of the learner) and from then on. Each strike's time goes to standard error on a thread of its own,
/// one line each: <c>SABOTAGE nan 123456789012</c>, nanoseconds of the monotonic clock.
/// </summary>
internal sealed class Sabotage
{
    public const string Variable = "ROBOTRL_SABOTAGE";
    private const int MostStrikes = 4096;

    private readonly long _at;
    private readonly long[] _strikes = new long[MostStrikes];
    private int _count;

    private Sabotage(SabotageKind kind, long at)
    {
        (Kind, _at) = (kind, at);
        new Thread(Report) { IsBackground = true, Name = "sabotage" }.Start();
    }

    public SabotageKind Kind { get; }

    /// <summary>Reads the variable; nothing strikes where it is not set.</summary>
    public static Sabotage FromEnvironment()
    {
        string text = Environment.GetEnvironmentVariable(Variable) ?? "";
        string[] parts = text.Split('@');
        return text.Length == 0 ? new Sabotage(SabotageKind.None, long.MaxValue)
            : parts.Length == 2
            && Enum.TryParse(parts[0].Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out SabotageKind kind)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long at)
                ? new Sabotage(kind, at)
            : throw new ArgumentException(
                $"{Variable} is \"{text}\"; allowed: KIND@COUNT with KIND one of {string.Join(", ", Enum.GetNames<SabotageKind>())}."
            );
    }

    /// <summary>
    /// Whether <paramref name="kind"/> strikes at <paramref name="count"/>; notes the time where it does. Does not allocate.
    /// </summary>
    public bool Strikes(SabotageKind kind, long count)
    {
        if (kind != Kind || count < _at)
        {
            return false;
        }

        int place = _count;
        if (place < MostStrikes)
        {
            _strikes[place] = MonotonicClock.NowNs;
            Volatile.Write(ref _count, place + 1);
        }

        return true;
    }

    private void Report()
    {
        for (int told = 0; ; )
        {
            for (int known = Volatile.Read(ref _count); told < known; told++)
            {
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"SABOTAGE {Kind} {_strikes[told]}"));
            }

            MonotonicClock.SleepUntil(MonotonicClock.NowNs + 1_000_000);
        }
    }
}
