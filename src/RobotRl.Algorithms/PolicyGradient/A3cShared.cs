using System.Numerics;
using System.Runtime.InteropServices;
using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// What the workers of A3C share: one flat parameter block, and RMSProp's mean of squared gradients in the same layout.
/// [arXiv 1602.01783 section 4 and supplement section 7, "Shared RMSProp"]
/// </summary>
/// <remarks>
/// Any thread reads and writes it at any time, without a lock (Hogwild, arXiv 1106.5730): single floats are never torn, and an update that is lost now
/// and then does no harm. Workers that take turns on one thread are deterministic.
/// </remarks>
public sealed class A3cShared
{
    private readonly float[] _parameters, _squares;

    /// <summary>Makes the block with freshly drawn weights.</summary>
    /// <param name="observationSize">Size of a raw observation.</param>
    /// <param name="actions">What to choose from, discrete or continuous.</param>
    /// <param name="options">Settings, of the workers too.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public A3cShared(int observationSize, ActionSpace actions, A3cOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        Numbers.ThrowIfAny(options.Validate("Learner:A3c"));
        (ObservationSize, Actions, Options) = (observationSize, actions, options);
        var state = new OnPolicyState(observationSize, actions, options.Network, options.StepsPerUpdate, SwapRule.RolloutEnd, options.Discount, seed);
        _parameters = [.. state.Parameters];
        _squares = new float[_parameters.Length];
    }

    /// <summary>theta and phi of all workers, as they are now.</summary>
    public ReadOnlySpan<float> Parameters => _parameters;

    /// <summary>Size of a raw observation.</summary>
    internal int ObservationSize { get; }

    /// <summary>What to choose from.</summary>
    internal ActionSpace Actions { get; }

    /// <summary>Settings.</summary>
    internal A3cOptions Options { get; }

    /// <summary>g = alpha g + (1 - alpha) d^2, theta = theta + eta d / sqrt(g + epsilon). [arXiv 1602.01783 supplement section 7]</summary>
    internal void Ascend(ReadOnlySpan<float> gradient)
    {
        (float decay, float rate, float epsilon) = ((float)Options.SquareDecay, (float)Options.LearningRate, (float)Options.SquareEpsilon);
        ref float p = ref MemoryMarshal.GetArrayDataReference(_parameters);
        ref float s = ref MemoryMarshal.GetArrayDataReference(_squares);
        ref float d = ref MemoryMarshal.GetReference(gradient);
        int i = 0;
        for (; i + Vector<float>.Count <= _parameters.Length; i += Vector<float>.Count)
        {
            nuint o = (nuint)i;
            Vector<float> slope = Vector.LoadUnsafe(ref d, o), square = (decay * Vector.LoadUnsafe(ref s, o)) + ((1 - decay) * slope * slope);
            square.StoreUnsafe(ref s, o);
            (Vector.LoadUnsafe(ref p, o) + (rate * slope / Vector.SquareRoot(square + new Vector<float>(epsilon)))).StoreUnsafe(ref p, o);
        }

        for (; i < _parameters.Length; i++)
        {
            _squares[i] = (decay * _squares[i]) + ((1 - decay) * gradient[i] * gradient[i]);
            _parameters[i] += rate * gradient[i] / MathF.Sqrt(_squares[i] + epsilon);
        }
    }

    /// <summary>Puts the first parameters back, those that the policy depends on; the mean of squared gradients restarts there.</summary>
    internal void Take(ReadOnlySpan<float> policy)
    {
        policy.CopyTo(_parameters);
        _squares.AsSpan(0, policy.Length).Clear();
    }

    /// <summary>Writes the block; while no worker runs.</summary>
    internal void Save(IStateWriter writer)
    {
        writer.Write("shared/parameters", _parameters);
        writer.Write("shared/squares", _squares);
    }

    /// <summary>Reads what <see cref="Save"/> wrote; while no worker runs.</summary>
    internal void Load(IStateReader reader)
    {
        reader.Read("shared/parameters", _parameters);
        reader.Read("shared/squares", _squares);
    }
}
