using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Benchmarks.PolicyGradient;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

/// <summary>
/// What the course says of policy gradient estimates, measured against an exact gradient. A mean counts as unchanged where no
/// parameter's difference leaves
/// 4.5 standard errors (26 parameters: a chance of 2 in 10,000), and as changed where one leaves 8.
/// </summary>
public sealed class GradientClaimsTests
{
    private const int Rollouts = 4000;
    private const double Unchanged = 4.5,
        Changed = 8;

    [Fact]
    public void Causality_LeavesTheMeanAndLowersTheVariance()
    {
        var study = new GradientStudy(1);
        var moments = study.Measure([new("full", Return: ReturnKind.Full), new("reward-to-go")], Rollouts);
        Assert.InRange(moments[0].Own.LargestDeviation(study.Gradient), 0, Unchanged);
        Assert.InRange(moments[1].Own.LargestDeviation(study.Gradient), 0, Unchanged);
        Assert.InRange(moments[1].Difference.LargestDeviation(new double[study.Gradient.Length]), 0, Unchanged);
        Assert.True(
            moments[1].Own.TotalVariance < 0.8 * moments[0].Own.TotalVariance,
            $"{moments[1].Own.TotalVariance} of {moments[0].Own.TotalVariance}"
        );
    }

    [Theory]
    [InlineData(BaselineKind.Average)]
    [InlineData(BaselineKind.Optimal)]
    [InlineData(BaselineKind.StateValue)]
    public void Baseline_OfAnyKind_ContributesZeroOnAverageAndLowersTheVariance(BaselineKind baseline)
    {
        var study = new GradientStudy(1);
        var moments = study.Measure([new("none"), new("with", Baseline: baseline, Critic: study.Value)], Rollouts);

        // The difference of the two, rollout by rollout, is the baseline's own contribution.
        Assert.InRange(moments[1].Difference.LargestDeviation(new double[study.Gradient.Length]), 0, Unchanged);
        Assert.True(moments[1].Difference.TotalVariance > 0);
        Assert.InRange(moments[1].Own.LargestDeviation(study.Gradient), 0, Unchanged);
        Assert.True(
            moments[1].Own.TotalVariance < 0.8 * moments[0].Own.TotalVariance,
            $"{moments[1].Own.TotalVariance} of {moments[0].Own.TotalVariance}"
        );
    }

    [Fact]
    public void OptimalBaseline_OfManyEpisodes_BeatsEveryOtherConstant()
    {
        // Two steps of an even policy with two actions; the end pays 10 and noise of deviation 1 where both were the same, else
        // nothing. The score of the other
        // episodes is 0, so that 10 is best, E[S^2 (R - b)^2] = E[S^2] (1 + (10 - b)^2), and not the average return, 5, which
        // step by step would be, too.
        double best = Variance(BaselineKind.Optimal, 0);
        Assert.Equal(1, best / Variance(BaselineKind.None, 10), 0.1);
        Assert.Equal(26, Variance(BaselineKind.Average, 0) / best, 6.0);
        Assert.All((double[])[0, 5, 8, 9, 11, 12, 20], b =>
            Assert.Equal(1 + ((10 - b) * (10 - b)), Variance(BaselineKind.None, b) / best, 0.25 * (1 + ((10 - b) * (10 - b))))
        );

        static double Variance(BaselineKind kind, double constant)
        {
            const int Estimates = 400,
                Episodes = 64;
            var state = new OnPolicyState(
                1,
                new DiscreteActionSpace(2),
                new() { HiddenWidth = 4, HiddenLayers = 1 },
                1,
                SwapRule.EpisodeEnd,
                1,
                3
            );
            MlpShape shape = state.Policy.Network;
            state.Parameters.AsSpan(shape.WeightOffset(1), shape.ParameterCount - shape.WeightOffset(1)).Clear();
            var gradient = new ReinforceGradient(state, new() { Discount = 1, Baseline = kind });
            var random = new CounterRandom(7, RandomPurpose.Simulation);
            double[] sums = new double[shape.ParameterCount],
                squares = new double[sums.Length];
            for (int estimate = 0; estimate < Estimates; estimate++)
            {
                for (int episode = 0; episode < Episodes; episode++)
                {
                    (int first, int second) = (random.NextInt32(2), random.NextInt32(2));
                    Add(first, 0, EpisodeEnd.None);
                    Add(second, (first == second ? 10 + random.NextGaussian() : 0) - (float)constant, EpisodeEnd.Terminated);
                }

                state.Prepare();
                gradient.Compute();
                state.Rollout.Clear();
                for (int i = 0; i < sums.Length; i++)
                {
                    sums[i] += state.Gradient[i];
                    squares[i] += state.Gradient[i] * (double)state.Gradient[i];
                }
            }

            return sums.Select((s, i) => (squares[i] - (s * s / Estimates)) / (Estimates - 1)).Sum();

            void Add(int action, float reward, EpisodeEnd end)
            {
                float[] choice = [action];
                state.Rollout.Add(
                    new Transition
                    {
                        Observation = [1],
                        NextObservation = [1],
                        Proposed = choice,
                        PreSquash = choice,
                        Executed = choice,
                        Reward = reward,
                        End = end,
                        Learnable = true,
                    },
                    choice
                );
            }
        }
    }

    [Fact]
    public void Baseline_ThatIsAWrongValue_StillLeavesTheMean()
    {
        var study = new GradientStudy(2);
        var moments = study.Measure([new("wrong V", Baseline: BaselineKind.StateValue, Critic: study.WrongValue)], Rollouts);
        Assert.InRange(moments[0].Own.LargestDeviation(study.Gradient), 0, Unchanged);
    }

    [Fact]
    public void Critic_ThatIsWrong_LowersTheVarianceFurtherAndBiases_AndLambdaTradesOneForTheOther()
    {
        var study = new GradientStudy(1);
        double[] lambdas = [1, 0.8, 0.5, 0];
        var moments = study.Measure(
            [
                .. lambdas.Select(l => new GradientStudy.Estimator("GAE", Critic: study.WrongValue, Lambda: l)),
                new("baseline", Baseline: BaselineKind.StateValue, Critic: study.WrongValue),
            ],
            Rollouts
        );

        // Lambda 1 is the state-value baseline, to the last parameter but for rounding.
        Assert.All(moments[0].Own.Mean.Zip(moments[^1].Own.Mean), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        Assert.InRange(moments[0].Own.LargestDeviation(study.Gradient), 0, Unchanged);
        for (int k = 1; k < lambdas.Length; k++)
        {
            Assert.True(moments[k].Own.TotalVariance < moments[k - 1].Own.TotalVariance, $"variance at lambda {lambdas[k]}");
            Assert.True(moments[k].Own.Bias(study.Gradient) > moments[k - 1].Own.Bias(study.Gradient), $"bias at lambda {lambdas[k]}");
        }

        Assert.True(moments[^2].Own.LargestDeviation(study.Gradient) > Changed);
    }

    [Fact]
    public void Critic_ThatIsExact_BiasesNothing()
    {
        var study = new GradientStudy(1);
        var moments = study.Measure(
            [new("baseline", Baseline: BaselineKind.StateValue, Critic: study.Value), new("TD error", Critic: study.Value, Lambda: 0)],
            Rollouts
        );
        Assert.InRange(moments[1].Own.LargestDeviation(study.Gradient), 0, Unchanged);
        Assert.True(moments[1].Own.TotalVariance < moments[0].Own.TotalVariance);
    }

    [Fact]
    public void DiscountPlacement_FromTheStart_IsTheGradientOfTheDiscountedObjective_FromTheStepIsNot()
    {
        var study = new GradientStudy(1);
        var moments = study.Measure([new("from the start"), new("from the step", Placement: DiscountPlacement.FromStep)], Rollouts);
        Assert.InRange(moments[0].Own.LargestDeviation(study.Gradient), 0, Unchanged);
        Assert.True(moments[1].Own.LargestDeviation(study.Gradient) > Changed);
        Assert.True(moments[1].Difference.LargestDeviation(new double[study.Gradient.Length]) > Changed);
    }
}
