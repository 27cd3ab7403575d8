#if TORCH
using System.Collections.Concurrent;
using TorchSharp;
using static TorchSharp.torch;

// The one place that may: every Scalar made here outlives the call that reads it.
#pragma warning disable RS0030

namespace RobotRl.Algorithms.Torch;

/// <summary>
/// Arithmetic of tensors with numbers that the garbage collector cannot break. TorchSharp hands each number to libtorch in a
/// <see cref="Scalar"/>, and nothing refers to one made on the way (<c>x * 0.5</c>, <c>x.clamp(-1, 1)</c>, <c>x.square()</c>, the factor 1
/// in <c>x + y</c>) once its handle was read: its finaliser may free the native number while libtorch reads it, which is a
/// c10::Error from Scalar::toDouble at best and the end of the process at worst. dotnet/TorchSharp has the cause in its pull requests 1434
/// and 1496, both open. So every number is held here until its call has returned, and <c>BannedSymbols.txt</c> bans the other forms.
/// </summary>
/// <remarks>
/// Tensors are finalisable likewise: what a formula leaves on its way lives in a <see cref="DisposeScope"/> or in <c>using</c> locals.
/// Results are those of the operations that they stand for, bit for bit; <see cref="Softplus"/> is the exception.
/// </remarks>
internal static class TorchArithmetic
{
    private static readonly ConcurrentDictionary<double, Scalar> s_constants = new();
    private static readonly Scalar s_one = Constant(1);

    /// <summary>A number for libtorch, kept for the life of the process: for constants and settings, not for what changes.</summary>
    public static Scalar Constant(double value) => s_constants.GetOrAdd(value, static v => v.ToScalar());

    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor left, Tensor right)
    {
        Tensor sum = left.add(right, s_one);
        GC.KeepAlive(left);
        GC.KeepAlive(right);
        return sum;
    }

    /// <summary>x + a.</summary>
    public static Tensor Plus(this Tensor left, double right)
    {
        using Scalar number = right.ToScalar();
        Tensor sum = left.add(number, s_one);
        GC.KeepAlive(left);
        return sum;
    }

    /// <summary>x - a.</summary>
    public static Tensor Minus(this Tensor left, double right)
    {
        using Scalar number = right.ToScalar();
        Tensor difference = left.sub(number);
        GC.KeepAlive(left);
        return difference;
    }

    /// <summary>a x.</summary>
    public static Tensor Times(this Tensor left, double right)
    {
        using Scalar number = right.ToScalar();
        Tensor product = left.mul(number);
        GC.KeepAlive(left);
        return product;
    }

    /// <summary>x / a.</summary>
    public static Tensor Over(this Tensor left, double right)
    {
        using Scalar number = right.ToScalar();
        Tensor quotient = left.div(number);
        GC.KeepAlive(left);
        return quotient;
    }

    /// <summary>x^2.</summary>
    public static Tensor Squared(this Tensor value)
    {
        Tensor square = value.mul(value);
        GC.KeepAlive(value);
        return square;
    }

    /// <summary>x, at least <paramref name="lowest"/> and at most <paramref name="highest"/>.</summary>
    public static Tensor Clamped(this Tensor value, double lowest, double highest)
    {
        using Scalar low = lowest.ToScalar(),
            high = highest.ToScalar();
        Tensor clamped = value.clamp(low, high);
        GC.KeepAlive(value);
        return clamped;
    }

    /// <summary>
    /// log(1 + exp(x)) = -log(1 / (1 + exp(-x))), for every x without overflow. TorchSharp's own takes numbers that cannot be
    /// held.
    /// </summary>
    public static Tensor Softplus(this Tensor value)
    {
        using Tensor negative = value.neg(),
            logarithm = negative.log_sigmoid();
        GC.KeepAlive(value);
        return logarithm.neg();
    }

    /// <summary>The only element, in float64.</summary>
    public static double Number(this Tensor value)
    {
        using Scalar number = value.ToScalar();
        GC.KeepAlive(value);
        return number.ToDouble();
    }

    /// <summary>A tensor [1].</summary>
    public static Tensor One(double value, ScalarType type, Device device)
    {
        using Scalar number = value.ToScalar();
        return full(1, number, type, device);
    }

    /// <summary>x = a everywhere.</summary>
    public static Tensor SetTo(this Tensor value, double number)
    {
        using Scalar held = number.ToScalar();
        return value.fill_(held);
    }

    /// <summary>x += a; the caller holds a (<see cref="Constant"/>).</summary>
    public static Tensor Increase(this Tensor value, Scalar number)
    {
        value.add_(number, s_one);
        GC.KeepAlive(number);
        return value;
    }
}
#endif
