using RobotRl.Algorithms;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Runtime.Commands.Bench;

/// <summary>Random transitions, drawn beforehand, so that a learner has something to learn from and drawing costs no time.</summary>
internal sealed class BenchExperience
{
    private const int Drawn = 1024,
        EpisodeSteps = 200;

    private readonly float[] _observations,
        _actions,
        _rewards;
    private long _sequence;

    /// <summary>Draws them.</summary>
    public BenchExperience(int observations, int actions)
    {
        (Observations, Actions) = (observations, actions);
        var random = new CounterRandom(1, RandomPurpose.Simulation);
        (_observations, _actions, _rewards) = (new float[(Drawn + 1) * observations], new float[Drawn * actions], new float[Drawn]);
        random.FillGaussian(_observations);
        random.FillGaussian(_rewards);
        for (int i = 0; i < _actions.Length; i++)
        {
            _actions[i] = (2 * random.NextSingle()) - 1;
        }
    }

    /// <summary>Floats per observation.</summary>
    public int Observations { get; }

    /// <summary>Action dimensions.</summary>
    public int Actions { get; }

    /// <summary>Shows a learner the next one.</summary>
    public void Show(ILearner learner)
    {
        int at = (int)(_sequence % Drawn);
        ReadOnlySpan<float> action = _actions.AsSpan(at * Actions, Actions);
        learner.Observe(
            new Transition
            {
                Observation = _observations.AsSpan(at * Observations, Observations),
                NextObservation = _observations.AsSpan((at + 1) * Observations, Observations),
                Proposed = action,
                PreSquash = action,
                Executed = action,
                Reward = _rewards[at],
                Learnable = true,
                Sequence = _sequence,
                End = _sequence % EpisodeSteps == EpisodeSteps - 1 ? EpisodeEnd.Truncated : EpisodeEnd.None,
            }
        );
        _sequence++;
    }
}
