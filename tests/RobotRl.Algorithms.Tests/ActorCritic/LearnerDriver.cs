using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Tests.ActorCritic;

/// <summary>Feeds a learner what its own policy does in a small noisy linear world with episodes of both ends.</summary>
internal sealed class LearnerDriver : IDisposable
{
    private readonly ILearner _learner;
    private readonly PackedPolicy _policy;
    private readonly CounterRandom _acting,
        _world;
    private readonly float[] _action,
        _preSquash;
    private float[] _observation,
        _next;
    private long _sequence;

    public LearnerDriver(ILearner learner, ulong seed)
    {
        _learner = learner;
        Block = new PolicyBlock(learner.Policy);
        _policy = new PackedPolicy(learner.Policy);
        _acting = new CounterRandom(seed, RandomPurpose.Acting);
        _world = new CounterRandom(seed, RandomPurpose.Simulation);
        _observation = new float[learner.Policy.ObservationSize];
        _next = new float[learner.Policy.ObservationSize];
        _action = new float[learner.Policy.ActionSize];
        _preSquash = new float[learner.Policy.ActionSize];
        _world.FillGaussian(_observation);
    }

    /// <summary>The policy that acted last.</summary>
    public PolicyBlock Block { get; }

    /// <summary>Its log-probability of the last action.</summary>
    public float LogProbability { get; private set; }

    /// <summary>Goes on as another driver, for the same learner's twin.</summary>
    public LearnerDriver ContinueWith(ILearner twin)
    {
        var driver = new LearnerDriver(twin, 0) { _observation = [.. _observation], _sequence = _sequence };
        driver._acting.State = _acting.State;
        driver._world.State = _world.State;
        return driver;
    }

    /// <summary>
    /// Acts, observes and, where asked for, updates (always, or <paramref name="whenReady"/>), <paramref name="steps"/> times.
    /// </summary>
    public void Run(int steps, bool update = true, bool whenReady = false)
    {
        for (int i = 0; i < steps; i++)
        {
            Act();
            EpisodeEnd end = _world.NextSingle() switch
            {
                < 0.03f => EpisodeEnd.Terminated,
                < 0.06f => EpisodeEnd.Truncated,
                _ => EpisodeEnd.None,
            };
            Show(end, -MathF.Abs(_next[0]) + 0.3f);
            if (update && (!whenReady || _learner.CanUpdate))
            {
                _learner.Update();
            }

            if (end != EpisodeEnd.None)
            {
                _world.FillGaussian(_observation);
            }
        }
    }

    /// <summary>Acts once and shows the transition with whatever is overridden, without an update.</summary>
    public void Show(EpisodeEnd end, float reward, bool learnable = true, bool actFirst = false, int skip = 0)
    {
        if (actFirst)
        {
            Act();
        }

        _sequence += skip;
        _learner.Observe(
            new Transition
            {
                Observation = _observation,
                Proposed = _action,
                PreSquash = _preSquash,
                Executed = _action,
                NextObservation = _next,
                LogProbability = LogProbability,
                Reward = reward,
                End = end,
                Learnable = learnable,
                PolicyVersion = Block.Version,
                Sequence = _sequence++,
            }
        );
        (_observation, _next) = (_next, _observation);
    }

    /// <summary>Shows one transition whose observation, next observation or action holds <paramref name="value"/>.</summary>
    public void ShowBroken(string what, float value)
    {
        Act();
        float[] broken = what switch
        {
            "observation" => _observation,
            "next" => _next,
            "action" => _action,
            _ => _preSquash,
        };
        float kept = broken[0];
        broken[0] = value;
        float[] observation = _observation,
            next = _next;
        Show(EpisodeEnd.None, 1);
        (_observation, _next) = (observation, next);
        broken[0] = kept;
    }

    public void Dispose() => _policy.Dispose();

    private void Act()
    {
        _learner.CopyPolicy(Block);
        _policy.Pack(Block);
        LogProbability = _policy.Act(_observation, _acting, _action, _preSquash);
        for (int i = 0; i < _next.Length; i++)
        {
            _next[i] = (0.9f * _observation[i]) + (0.2f * _action[i % _action.Length]) + (0.3f * _world.NextGaussian()) + (0.1f * i);
        }
    }
}
