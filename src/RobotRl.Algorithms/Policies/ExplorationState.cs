using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Policies;

/// <summary>
/// What exploration remembers from one action to the next: the Ornstein-Uhlenbeck value of <see cref="PolicyHead.Deterministic"/>, or
/// the standard normal numbers behind the exploration matrix of <see cref="PolicyHead.StateDependentGaussian"/>. It belongs to whoever
/// acts, outlives an exchange of the policy, and is in the checkpoint.
/// </summary>
/// <remarks>Not thread safe: the acting thread's. Nothing but the constructor allocates.</remarks>
public sealed class ExplorationState
{
    private readonly PolicySpec _spec;
    private readonly float[] _values;
    private long _actions;

    /// <summary>Starts anew.</summary>
    public ExplorationState(PolicySpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _spec = spec;
        _values = new float[
            spec.Head switch
            {
                PolicyHead.Deterministic when spec.NoiseMemory > 0 => spec.ActionSize,
                PolicyHead.StateDependentGaussian => spec.NoiseParameterCount,
                _ => 0,
            }
        ];
    }

    /// <summary>Numbers remembered; 0 where exploration has no memory.</summary>
    public int Size => _values.Length;

    /// <summary>The numbers: noise of each action component, or the matrix [features x action], row-major.</summary>
    internal Span<float> Values => _values;

    /// <summary>A new episode: the next action starts anew.</summary>
    public void Restart() => _actions = 0;

    /// <summary>Called before each action that is drawn from the policy: starts anew where it is time.</summary>
    internal void Advance(CounterRandom random)
    {
        bool anew =
            _actions == 0 || (_spec.Head == PolicyHead.StateDependentGaussian && _spec.NoiseSteps > 0 && _actions % _spec.NoiseSteps == 0);
        _actions++;
        if (anew && _spec.Head == PolicyHead.StateDependentGaussian)
        {
            random.FillGaussian(_values);
        }
        else if (anew)
        {
            Array.Clear(_values);
        }
    }

    /// <summary>Writes it under <paramref name="name"/>; nothing where there is no memory.</summary>
    public void Save(IStateWriter writer, string name)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (Size > 0)
        {
            writer.Write(name + "/values", _values);
            writer.Write(name + "/actions", _actions);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateReader reader, string name)
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (Size > 0)
        {
            reader.Read(name + "/values", _values);
            _actions = reader.ReadInt64(name + "/actions");
        }
    }
}
