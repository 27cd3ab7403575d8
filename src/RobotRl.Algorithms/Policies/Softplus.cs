using System.Numerics;

namespace RobotRl.Algorithms.Policies;

/// <summary>log(1 + e^x): makes deviations of a network's outputs.</summary>
internal static class Softplus
{
    /// <summary>Computes it in single or double precision, without overflow; above 0 even where 1 + e^x rounds to 1.</summary>
    public static T Of<T>(T x)
        where T : IFloatingPointIeee754<T> => T.Max(x, T.Zero) + LogOnePlus(T.Exp(-T.Abs(x)));

    // log(1 + y) for y in [0, 1] (Kahan's correction: exact where 1 + y rounds; LogP1 of the framework is not).
    private static T LogOnePlus<T>(T y)
        where T : IFloatingPointIeee754<T>
    {
        T sum = T.One + y;
        return sum == T.One ? y : T.Log(sum) * (y / (sum - T.One));
    }
}
