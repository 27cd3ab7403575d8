using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Algorithms.Tests.ActorCritic;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

public sealed class OnPolicyLearnerTests
{
    public static TheoryData<string> Learners => [.. OnPolicyCases.Names];

    public static TheoryData<string, bool> LearnersAndActions => [.. OnPolicyCases.Names.SelectMany(n => new[] { (n, false), (n, true) })];

    [Theory]
    [MemberData(nameof(LearnersAndActions))]
    public void Load_InTheMiddleOfARollout_ContinuesBitForBit(string name, bool discrete)
    {
        using ILearner original = OnPolicyCases.Make(name, 6, Actions(discrete), 10, normalise: true, normaliseReturns: true);
        using var driver = new LearnerDriver(original, 10);
        driver.Run(307, whenReady: true);
        Assert.False(original.CanUpdate);
        var saved = new MemoryState();
        original.Save(saved);
        using ILearner resumed = OnPolicyCases.Make(name, 6, Actions(discrete), 99, normalise: true, normaliseReturns: true);
        resumed.Load(saved);
        using LearnerDriver twin = driver.ContinueWith(resumed);
        long updates = original.Updates;
        driver.Run(300, whenReady: true);
        twin.Run(300, whenReady: true);
        MemoryState a = new(),
            b = new();
        original.Save(a);
        resumed.Save(b);
        Assert.True(original.Updates > updates && updates > 0);
        Assert.True(a.SameAs(b));
        Assert.False(a.SameAs(saved));
    }

    [Theory]
    [MemberData(nameof(LearnersAndActions))]
    public void Update_OnEpisodesOfOneStep_FindsTheActionThatPays(string name, bool discrete)
    {
        // A2C's rollouts are short, and its advantages are not standardised: it takes smaller steps.
        for (ulong seed = 4; seed < 7; seed++)
        {
            using ILearner learner = OnPolicyCases.Make(
                name,
                2,
                discrete ? new DiscreteActionSpace(3) : new ContinuousActionSpace(1),
                seed,
                rate: name is "a2c" or "a3c" ? 0.003 : 0.01
            );
            (double first, double last) = ContextBandit.Learn(learner, 8000, 500, seed);
            Assert.True(discrete ? last > 0.85 && first < 0.7 : last > 0.5 * first, $"{first} became {last} with seed {seed}");
        }
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void EstimateValues_OfEpisodesThatWereCut_CountWhatWouldHaveCome(string name)
    {
        // Reward 3 at every step, discount 0.5, every step the last of its episode: V is 3 after terminations and 3 / (1 - 0.5)
        // after time limits.
        Assert.All(Values(name, EpisodeEnd.Terminated), v => Assert.InRange(v, 2.8f, 3.2f));
        Assert.All(Values(name, EpisodeEnd.Truncated), v => Assert.InRange(v, 5.6f, 6.4f));
    }

    [Theory]
    [InlineData("ppo")]
    [InlineData("a2c")]
    [InlineData("npg")]
    [InlineData("trpo")]
    [InlineData("reinforce")]
    [InlineData("batch-actor-critic")]
    public void Update_WithNormalisedReturns_DoesNotCareWhatTheTaskPays_AndValuesAreInItsUnits(string name)
    {
        // Powers of two: scaling is exact but for the epsilon below the root.
        (float[] policy, float value) = Learn(1);
        (float[] same, float scaled) = Learn(1024);
        Assert.All(policy.Zip(same), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
        Assert.Equal(1024 * value, scaled, 0.02 * Math.Abs(1024 * value));

        (float[] Policy, float Value) Learn(float factor)
        {
            using ILearner learner = OnPolicyCases.Make(
                name,
                4,
                Actions(discrete: true),
                5,
                steps: 32,
                rate: 0.003,
                normaliseReturns: true
            );
            CounterRandom random = new(5, RandomPurpose.Simulation);
            float[] observation = new float[4],
                next = new float[4],
                action = new float[1],
                values = new float[1];
            for (int t = 0; t < 200; t++)
            {
                random.FillGaussian(observation);
                random.FillGaussian(next);
                action[0] = random.NextInt32(3);
                learner.Observe(
                    new Transition
                    {
                        Observation = observation,
                        Proposed = action,
                        PreSquash = action,
                        Executed = action,
                        NextObservation = next,
                        LogProbability = MathF.Log(1f / 3),
                        Reward = factor * (2 + random.NextGaussian()),
                        End = t % 8 == 7 ? EpisodeEnd.Terminated : EpisodeEnd.None,
                        Learnable = true,
                        Sequence = t,
                    }
                );
                if (learner.CanUpdate)
                {
                    learner.Update();
                }
            }

            var block = new PolicyBlock(learner.Policy);
            learner.CopyPolicy(block);
            learner.EstimateValues([0.3f, 0.2f, -0.5f, 1f], values);
            return (block.Parameters, values[0]);
        }
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Observe_WhileARolloutIsNotComplete_GivesNothingToUpdate(string name)
    {
        using ILearner learner = OnPolicyCases.Make(name, 4, Actions(discrete: true), 5);
        using var driver = new LearnerDriver(learner, 5);
        driver.Run(10, update: false);
        Assert.False(learner.CanUpdate);
        Assert.Equal(0, learner.UpdatesPerTransition);
        Assert.Throws<InvalidOperationException>(learner.Update);
        Assert.Equal(name is "reinforce" or "batch-actor-critic" ? SwapRule.EpisodeEnd : SwapRule.RolloutEnd, learner.SwapRule);
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void CanUpdate_InTheMiddleOfAnEpisode_IsWhatTheSwapRuleSays(string name)
    {
        using ILearner learner = OnPolicyCases.Make(name, 4, Actions(discrete: true), 5, steps: 64);
        using var driver = new LearnerDriver(learner, 5);
        for (int t = 0; t < 64; t++)
        {
            driver.Show(EpisodeEnd.None, 1, actFirst: true);
        }

        Assert.Equal(learner.SwapRule == SwapRule.RolloutEnd, learner.CanUpdate);
        driver.Show(EpisodeEnd.Terminated, 1, actFirst: true);
        Assert.True(learner.CanUpdate);
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Observe_ThatNobodyConsumes_AsksAgainAndStopsGrowing(string name)
    {
        using ILearner learner = OnPolicyCases.Make(name, 4, Actions(discrete: true), 5);
        using var driver = new LearnerDriver(learner, 5);
        driver.Run(5000, update: false);
        Assert.True(learner.CanUpdate);
        Assert.Equal(1, learner.UpdatesPerTransition);
        learner.Update();
        Assert.InRange(LearnerProbe.Metric(learner, "rollout/steps"), 2000, 2 * (64 + 1000));
        Assert.False(learner.CanUpdate);
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Observe_NumberThatIsNone_IsRefusedAndReachesNoWeight(string name)
    {
        using ILearner learner = OnPolicyCases.Make(name, 6, Actions(discrete: false), 9);
        using var driver = new LearnerDriver(learner, 9);
        driver.Run(50, whenReady: true);
        driver.ShowBroken("observation", float.NaN);
        driver.Show(EpisodeEnd.None, float.NaN, actFirst: true);
        driver.Run(400, whenReady: true);
        Assert.Equal(2, LearnerProbe.Metric(learner, "rollout/refused"));
        var block = new PolicyBlock(learner.Policy);
        learner.CopyPolicy(block);
        Assert.All(block.Parameters, p => Assert.True(float.IsFinite(p)));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void RevertPolicy_AfterMoreLearning_BringsTheOldPolicyAndForgetsTheRollout(string name)
    {
        using ILearner learner = OnPolicyCases.Make(name, 4, Actions(discrete: true), 6);
        using var driver = new LearnerDriver(learner, 6);
        driver.Run(150, whenReady: true);
        PolicyBlock old = new(learner.Policy),
            later = new(learner.Policy),
            reverted = new(learner.Policy);
        learner.CopyPolicy(old);
        driver.Run(300, whenReady: true);
        driver.Run(200, update: false);
        learner.CopyPolicy(later);
        learner.RevertPolicy(old);
        learner.CopyPolicy(reverted);
        Assert.NotEqual(old.Parameters, later.Parameters);
        Assert.Equal(old.Parameters, reverted.Parameters);
        Assert.False(learner.CanUpdate);
    }

    [Theory]
    [InlineData("ppo")]
    [InlineData("a2c")]
    [InlineData("npg")]
    [InlineData("trpo")]
    public void Update_OnceTheStepHasDecayedToNothing_LeavesThePolicyAsItIs(string name)
    {
        StepDecayOptions decay = new() { Steps = 128, Final = 0 };
        OnPolicyNetworkOptions network = new() { HiddenWidth = 8 };
        using ILearner learner = name switch
        {
            "ppo" => new PpoLearner(
                4,
                Actions(discrete: true),
                new()
                {
                    Network = network,
                    StepsPerUpdate = 64,
                    StepDecay = decay,
                },
                6
            ),
            "a2c" => new A2cLearner(
                4,
                Actions(discrete: true),
                new()
                {
                    Network = network,
                    StepsPerUpdate = 64,
                    StepDecay = decay,
                },
                6
            ),
            "npg" => new NpgLearner(
                4,
                Actions(discrete: true),
                new()
                {
                    Network = network,
                    StepsPerUpdate = 64,
                    StepDecay = decay,
                },
                6
            ),
            _ => new TrpoLearner(
                4,
                Actions(discrete: true),
                new()
                {
                    Network = network,
                    StepsPerUpdate = 64,
                    StepDecay = decay,
                },
                6
            ),
        };
        using var driver = new LearnerDriver(learner, 6);
        PolicyBlock start = new(learner.Policy),
            middle = new(learner.Policy),
            end = new(learner.Policy);
        learner.CopyPolicy(start);
        driver.Run(180, whenReady: true);
        learner.CopyPolicy(middle);
        long updates = learner.Updates;
        driver.Run(400, whenReady: true);
        learner.CopyPolicy(end);
        Assert.True(updates >= 2 && learner.Updates > updates);
        Assert.NotEqual(start.Parameters, middle.Parameters);
        Assert.Equal(middle.Parameters, end.Parameters);
    }

    [Theory]
    [InlineData(BaselineKind.None, ReturnKind.Full, DiscountPlacement.FromStep)]
    [InlineData(BaselineKind.None, ReturnKind.RewardToGo, DiscountPlacement.FromStart)]
    [InlineData(BaselineKind.Average, ReturnKind.RewardToGo, DiscountPlacement.FromStep)]
    [InlineData(BaselineKind.Optimal, ReturnKind.RewardToGo, DiscountPlacement.FromStep)]
    [InlineData(BaselineKind.StateValue, ReturnKind.RewardToGo, DiscountPlacement.FromStart)]
    public void Reinforce_WithEachBaseline_FindsTheActionThatPays(BaselineKind baseline, ReturnKind kind, DiscountPlacement placement)
    {
        var options = new ReinforceOptions
        {
            StepsPerUpdate = 64,
            LearningRate = 0.01,
            Baseline = baseline,
            Return = kind,
            Placement = placement,
            Network = new() { HiddenWidth = 16 },
        };
        using var learner = new ReinforceLearner(2, new DiscreteActionSpace(3), options, 4);
        (double first, double last) = ContextBandit.Learn(learner, 8000, 500, 4);
        Assert.True(last > 0.85 && first < 0.7, $"{first} became {last}");
    }

    [Theory]
    [InlineData(PolicyEvaluation.MonteCarlo)]
    [InlineData(PolicyEvaluation.Td0)]
    [InlineData(PolicyEvaluation.TdLambda)]
    public void BatchActorCritic_WithOneRateAtZero_MovesOnlyTheOtherNetwork(PolicyEvaluation evaluation)
    {
        var options = new BatchActorCriticOptions
        {
            StepsPerUpdate = 64,
            Evaluation = evaluation,
            Network = new() { HiddenWidth = 16 },
        };
        (float[] policyBefore, float[] policyAfter, float valueBefore, float valueAfter) = Learn(options with { ActorLearningRate = 0 });
        Assert.Equal(policyBefore, policyAfter);
        Assert.NotEqual(valueBefore, valueAfter);
        (policyBefore, policyAfter, valueBefore, valueAfter) = Learn(options with { CriticLearningRate = 0 });
        Assert.NotEqual(policyBefore, policyAfter);
        Assert.Equal(valueBefore, valueAfter);
    }

    [Fact]
    public void Validate_SettingsOutOfRange_NamesThemAllWithTheirRanges()
    {
        Assert.Empty(
            new PpoOptions()
                .Validate("L")
                .Concat(new A2cOptions().Validate("L"))
                .Concat(new ReinforceOptions().Validate("L"))
                .Concat(new BatchActorCriticOptions().Validate("L"))
        );
        Assert.Equal(
            3,
            new PpoOptions
            {
                Clip = 2,
                BatchSize = 0,
                Network = new() { HiddenLayers = 0 },
            }
                .Validate("L")
                .Count()
        );
        Assert.Contains(new A2cOptions { Lambda = -1 }.Validate("L"), p =>
            p.StartsWith("L:Lambda is -1; allowed: 0 to 1.", StringComparison.Ordinal)
        );
        Assert.Contains(new ReinforceOptions { Network = new() { SharedTrunk = true } }.Validate("L"), p =>
            p.StartsWith("L:Network:SharedTrunk is true", StringComparison.Ordinal)
        );
        Assert.Contains(new BatchActorCriticOptions { Evaluation = (PolicyEvaluation)9 }.Validate("L"), p =>
            p.Contains("allowed: MonteCarlo, Td0, TdLambda", StringComparison.Ordinal)
        );
        Assert.Empty(new NpgOptions().Validate("L").Concat(new TrpoOptions().Validate("L")));
        Assert.Empty(new A3cOptions().Validate("L"));
        Assert.Contains(new A3cOptions { Network = new() { NormaliseObservations = true } }.Validate("L"), p =>
            p.StartsWith("L:Network:NormaliseObservations is true; allowed: false.", StringComparison.Ordinal)
        );
        Assert.Contains(new TrpoOptions { MaxKl = 0 }.Validate("L"), p =>
            p.StartsWith("L:MaxKl is 0; allowed: 1E-09 to 10.", StringComparison.Ordinal)
        );
        Assert.Contains(new PpoOptions { StepDecay = new() { Steps = -1 } }.Validate("L"), p =>
            p.StartsWith("L:StepDecay:Steps is -1; allowed: 0 to 1000000000.", StringComparison.Ordinal)
        );
        Assert.Contains(new TrpoOptions { StepDecay = new() { Final = 2 } }.Validate("L"), p =>
            p.StartsWith("L:StepDecay:Final is 2; allowed: 0 to 1.", StringComparison.Ordinal)
        );
        Assert.Equal(
            2,
            new NpgOptions { StepKl = -1, Damping = double.NaN }
                .Validate("L")
                .Count()
        );
        Assert.Throws<ArgumentException>(() => new TrpoLearner(3, new DiscreteActionSpace(2), new() { BacktrackFactor = 1 }, 0));
        Assert.Throws<ArgumentException>(() => new PpoLearner(3, new DiscreteActionSpace(2), new() { Clip = 2 }, 0));
    }

    private static (float[] PolicyBefore, float[] PolicyAfter, float ValueBefore, float ValueAfter) Learn(BatchActorCriticOptions options)
    {
        using var learner = new BatchActorCriticLearner(4, new DiscreteActionSpace(3), options, 7);
        using var driver = new LearnerDriver(learner, 7);
        PolicyBlock before = new(learner.Policy),
            after = new(learner.Policy);
        float[] raw = [0.3f, -0.2f, 0.8f, 0.1f],
            first = new float[1],
            last = new float[1];
        learner.CopyPolicy(before);
        learner.EstimateValues(raw, first);
        driver.Run(400, whenReady: true);
        learner.CopyPolicy(after);
        learner.EstimateValues(raw, last);
        return (before.Parameters, after.Parameters, first[0], last[0]);
    }

    private static float[] Values(string name, EpisodeEnd end)
    {
        using ILearner learner = OnPolicyCases.Make(name, 2, new DiscreteActionSpace(2), 4, steps: 32, discount: 0.5);
        var random = new CounterRandom(4, RandomPurpose.Simulation);
        float[] observation = new float[2],
            next = new float[2],
            values = new float[2];
        for (int t = 0; t < 16000; t++)
        {
            random.FillGaussian(observation);
            random.FillGaussian(next);
            float[] action = [t % 2];
            learner.Observe(
                new Transition
                {
                    Observation = observation,
                    Proposed = action,
                    PreSquash = action,
                    Executed = action,
                    NextObservation = next,
                    LogProbability = MathF.Log(0.5f),
                    Reward = 3,
                    End = end,
                    Learnable = true,
                    Sequence = t,
                }
            );
            if (learner.CanUpdate)
            {
                learner.Update();
            }
        }

        learner.EstimateValues([0.3f, 0.2f, -0.5f, 1f], values);
        return values;
    }

    private static ActionSpace Actions(bool discrete) => discrete ? new DiscreteActionSpace(3) : new ContinuousActionSpace(2);
}
