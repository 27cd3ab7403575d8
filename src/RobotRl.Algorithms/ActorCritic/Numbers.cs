using System.Numerics;
using System.Runtime.InteropServices;

namespace RobotRl.Algorithms.ActorCritic;

/// <summary>Checks on numbers from outside.</summary>
internal static class Numbers
{
    /// <summary>Whether no value is infinite or NaN.</summary>
    public static bool AllFinite(ReadOnlySpan<float> values)
    {
        int i = 0;
        ref float first = ref MemoryMarshal.GetReference(values);
        Vector<float> sum = Vector<float>.Zero;
        for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
        {
            // 0 for finite numbers, otherwise no number.
            var value = Vector.LoadUnsafe(ref first, (nuint)i);
            sum += value - value;
        }

        bool finite = Vector.EqualsAll(sum, Vector<float>.Zero);
        for (; i < values.Length; i++)
        {
            finite &= float.IsFinite(values[i]);
        }

        return finite;
    }

    /// <summary>The message for a number out of range, or null where it is in range.</summary>
    public static string? OutOfRange(string path, string key, double value, double minimum, double maximum, string advice) =>
        value >= minimum && value <= maximum
            ? null
            : FormattableString.Invariant($"{path}:{key} is {value}; allowed: {minimum} to {maximum}. {advice}");

    /// <summary>Throws one exception with all the messages.</summary>
    public static void ThrowIfAny(IEnumerable<string> problems)
    {
        string message = string.Join(Environment.NewLine, problems);
        if (message.Length > 0)
        {
            throw new ArgumentException(message);
        }
    }
}
