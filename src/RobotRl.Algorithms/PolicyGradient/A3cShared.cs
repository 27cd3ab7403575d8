using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// What the workers of A3C share: one flat parameter block, and RMSProp's mean of squared gradients in the same layout.
/// Workers are of this process, or of several that map one file, each with a robot of its own.
/// [arXiv 1602.01783 section 4 and supplement section 7, "Shared RMSProp"]
/// </summary>
/// <remarks>
/// Any thread reads and writes it at any time, without a lock (Hogwild, arXiv 1106.5730): single floats are never torn, and an
/// update that is lost now
/// and then does no harm. Workers that take turns on one thread are deterministic.
/// </remarks>
public sealed class A3cShared : IDisposable
{
    private readonly A3cBlock _block;

    /// <summary>Makes a block of this process alone with freshly drawn weights.</summary>
    /// <param name="observationSize">Size of a raw observation.</param>
    /// <param name="actions">What to choose from, discrete or continuous.</param>
    /// <param name="options">Settings, of the workers too.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public A3cShared(int observationSize, ActionSpace actions, A3cOptions options, ulong seed)
        : this(observationSize, actions, options, seed, task: null) { }

    private A3cShared(int observationSize, ActionSpace actions, A3cOptions options, ulong seed, string? task)
    {
        ArgumentNullException.ThrowIfNull(options);
        Numbers.ThrowIfAny(options.Validate("Learner:A3c"));
        (ObservationSize, Actions, Options) = (observationSize, actions, options);
        float[] initial = new OnPolicyState(
            observationSize,
            actions,
            options.Network,
            options.StepsPerUpdate,
            SwapRule.RolloutEnd,
            options.Discount,
            seed
        ).Parameters;
        if (task is not null)
        {
            _block = A3cBlock.Open(options.SharedFile, Subject(task), initial);
            return;
        }

        _block = new A3cBlock(initial.Length);
        initial.CopyTo(_block.Parameters);
    }

    /// <summary>theta and phi of all workers, as they are now.</summary>
    public ReadOnlySpan<float> Parameters => _block.Parameters;

    /// <summary>Updates of all workers so far.</summary>
    public long Updates => Volatile.Read(ref _block.Updates);

    /// <summary>Whether the parameters were there before, made by other runs: a checkpoint's are not put in their place.</summary>
    public bool Joined => _block.Joined;

    /// <inheritdoc/>
    public void Dispose() => _block.Dispose();

    /// <summary>Size of a raw observation.</summary>
    internal int ObservationSize { get; }

    /// <summary>What to choose from.</summary>
    internal ActionSpace Actions { get; }

    /// <summary>Settings.</summary>
    internal A3cOptions Options { get; }

    /// <summary>
    /// Opens the block in the file <see cref="A3cOptions.SharedFile"/>, where other processes' workers have it too; the first to
    /// come makes it.
    /// </summary>
    /// <param name="task">The task's name; those who share have the same.</param>
    /// <param name="observationSize">Size of a raw observation.</param>
    /// <param name="actions">What to choose from.</param>
    /// <param name="options">Settings, of this process's workers too.</param>
    /// <param name="seed">Seed of the weights, where the file is new.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or the file cannot be shared; the message says what to
    /// do.</exception>
    public static A3cShared Open(string task, int observationSize, ActionSpace actions, A3cOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(task);
        return new(observationSize, actions, options, seed, task);
    }

    /// <summary>g = alpha g + (1 - alpha) d^2, theta = theta + eta d / sqrt(g + epsilon). [arXiv 1602.01783 supplement section 7]</summary>
    internal void Ascend(ReadOnlySpan<float> gradient)
    {
        (float decay, float rate, float epsilon) = ((float)Options.SquareDecay, (float)Options.LearningRate, (float)Options.SquareEpsilon);
        Span<float> parameters = _block.Parameters,
            squares = _block.Squares;
        ref float p = ref MemoryMarshal.GetReference(parameters);
        ref float s = ref MemoryMarshal.GetReference(squares);
        ref float d = ref MemoryMarshal.GetReference(gradient);
        int i = 0;
        for (; i + Vector<float>.Count <= parameters.Length; i += Vector<float>.Count)
        {
            nuint o = (nuint)i;
            Vector<float> slope = Vector.LoadUnsafe(ref d, o),
                square = (decay * Vector.LoadUnsafe(ref s, o)) + ((1 - decay) * slope * slope);
            square.StoreUnsafe(ref s, o);
            (Vector.LoadUnsafe(ref p, o) + (rate * slope / Vector.SquareRoot(square + new Vector<float>(epsilon)))).StoreUnsafe(ref p, o);
        }

        for (; i < parameters.Length; i++)
        {
            squares[i] = (decay * squares[i]) + ((1 - decay) * gradient[i] * gradient[i]);
            parameters[i] += rate * gradient[i] / MathF.Sqrt(squares[i] + epsilon);
        }

        // T <- T + 1, of all workers. [algorithm S3]
        Interlocked.Increment(ref _block.Updates);
    }

    /// <summary>
    /// Puts the first parameters back, those that the policy depends on; the mean of squared gradients stays, but for what is not
    /// finite.
    /// </summary>
    internal void Take(ReadOnlySpan<float> policy)
    {
        policy.CopyTo(_block.Parameters);
        foreach (ref float square in _block.Squares[..policy.Length])
        {
            square = float.IsFinite(square) ? square : 0;
        }
    }

    /// <summary>Writes the block; while no worker of this process runs.</summary>
    internal void Save(IStateWriter writer)
    {
        writer.Write("shared/parameters", _block.Parameters);
        writer.Write("shared/squares", _block.Squares);
        writer.Write("shared/updates", Updates);
    }

    /// <summary>
    /// Reads what <see cref="Save"/> wrote, while no worker of this process runs. A block that was <see cref="Joined"/> stays:
    /// others have gone on with it.
    /// </summary>
    internal void Load(IStateReader reader)
    {
        float[] parameters = new float[_block.Parameters.Length],
            squares = new float[parameters.Length];
        reader.Read("shared/parameters", parameters);
        reader.Read("shared/squares", squares);
        long updates = reader.ReadInt64("shared/updates");
        if (!Joined)
        {
            parameters.CopyTo(_block.Parameters);
            squares.CopyTo(_block.Squares);
            Volatile.Write(ref _block.Updates, updates);
        }
    }

    private string Subject(string task) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"task {task}, {ObservationSize} observations, "
                + $"{(Actions is DiscreteActionSpace d ? $"{d.Count} choices" : $"{Actions.ActionSize} actions")}, "
                + $"{Options.Network.HiddenLayers} hidden layers of {Options.Network.HiddenWidth} ({Options.Network.Activation}), "
                + $"{(Options.Network.SharedTrunk ? "one trunk" : "two networks")}, a discount of {Options.Discount}"
        );
}
