using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Algorithms.Tests.Networks;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

public sealed class NaturalGradientTests
{
    private const int Steps = 9;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Multiply_AnyVector_IsTheDifferenceQuotientOfTheDivergencesGradient(bool discrete, bool shared)
    {
        const double Damping = 0.1;
        (OnPolicyState state, float[] vector) = Make(discrete, shared);
        var natural = new NaturalGradient(state, Damping);
        float[] product = new float[vector.Length];
        natural.Multiply(vector, product);

        MlpShape shape = Shape(state, shared);
        float[] actor = state.Parameters[..state.Network.ActorCount];
        double[][] inputs = [.. Enumerable.Range(0, Steps).Select(t => state.Input(t).ToArray().Select(v => (double)v).ToArray())];
        double[][] old = [.. inputs.Select(x => Output(shape, [.. actor.Select(p => (double)p)], x, state))];
        double Divergence(double[] parameters) => inputs.Zip(old, (x, o) => Kl(discrete, o, Output(shape, parameters, x, state))).Average();
        double[] Gradient(double along)
        {
            double[] at = [.. actor.Zip(vector, (p, v) => p + (along * v))];
            double[] gradient = new double[at.Length];
            for (int i = 0; i < at.Length; i++)
            {
                double centre = at[i];
                at[i] = centre + 1e-5;
                double above = Divergence(at);
                at[i] = centre - 1e-5;
                gradient[i] = (above - Divergence(at)) / 2e-5;
                at[i] = centre;
            }

            return gradient;
        }

        double[] expected =
        [
            .. Gradient(1e-3).Zip(Gradient(-1e-3), (above, below) => (above - below) / 2e-3).Zip(vector, (f, v) => f + (Damping * v)),
        ];
        ReferenceMlp.AssertClose(expected, product, 1e-4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Compute_OnARollout_FollowsTheSurrogatesGradientAndSolvesForTheDirection(bool discrete)
    {
        (OnPolicyState state, _) = Make(discrete, shared: false);
        var natural = new NaturalGradient(state, 0.1);
        float[] advantages = [.. Enumerable.Range(0, Steps).Select(t => MathF.Sin(t) + 0.3f)];
        Assert.True(natural.Compute(advantages, 400));

        // g: difference quotients of mean A log pi(a|s).
        MlpShape shape = Shape(state, shared: false);
        double[] expected = ReferenceMlp.Gradient(state.Parameters[..state.Network.ActorCount], p =>
            Enumerable
                .Range(0, Steps)
                .Average(t =>
                    advantages[t]
                    * Log(
                        discrete,
                        ReferenceMlp.Forward(shape, p, [.. state.Input(t).ToArray().Select(v => (double)v)]),
                        state.Rollout.Action(t).ToArray()
                    )
                )
        );
        ReferenceMlp.AssertClose(expected, natural.Gradient, 1e-4);

        // x: (F + damping I) x = g.
        float[] product = new float[natural.Direction.Length];
        natural.Multiply(natural.Direction, product);
        ReferenceMlp.AssertClose([.. natural.Gradient.Select(g => (double)g)], product, 1e-3);
        Assert.Equal(natural.Slope, natural.Curvature, 1e-3 * natural.Slope);
    }

    [Fact]
    public void Compute_WithoutAnyAdvantage_SaysThatThereIsNoDirection()
    {
        (OnPolicyState state, _) = Make(discrete: true, shared: false);
        Assert.False(new NaturalGradient(state, 0.1).Compute(new float[Steps], 10));
        float[] broken = new float[Steps];
        broken[2] = float.NaN;
        Assert.False(new NaturalGradient(state, 0.1).Compute(broken, 10));
    }

    private static (OnPolicyState State, float[] Vector) Make(bool discrete, bool shared)
    {
        var random = new CounterRandom(8, RandomPurpose.Simulation);
        var state = new OnPolicyState(
            3,
            discrete ? new DiscreteActionSpace(3) : new ContinuousActionSpace(1),
            new() { HiddenWidth = 5, SharedTrunk = shared },
            Steps,
            SwapRule.EpisodeEnd,
            0.9,
            4
        );
        random.FillGaussian(state.Parameters);
        float[] observation = new float[3],
            action = new float[1];
        for (int t = 0; t < Steps; t++)
        {
            random.FillGaussian(observation);
            action[0] = discrete ? t % 3 : random.NextGaussian();
            state.Observe(
                new Transition
                {
                    Observation = observation,
                    Proposed = action,
                    PreSquash = action,
                    Executed = action,
                    NextObservation = observation,
                    LogProbability = -1,
                    End = t == Steps - 1 ? EpisodeEnd.Terminated : EpisodeEnd.None,
                    Learnable = true,
                    Sequence = t,
                }
            );
        }

        state.Prepare();
        float[] vector = new float[state.Network.ActorCount];
        random.FillGaussian(vector);
        return (state, vector);
    }

    private static MlpShape Shape(OnPolicyState state, bool shared) =>
        shared ? state.Policy.Network with { Outputs = state.Policy.Network.Outputs + 1 } : state.Policy.Network;

    private static double[] Output(MlpShape shape, double[] parameters, double[] x, OnPolicyState state) =>
        ReferenceMlp.Forward(shape, parameters, x)[..state.Policy.Network.Outputs];

    /// <summary>
    /// Closed forms, which <see cref="PolicyDivergenceTests"/> proves against the definition: quadrature is too coarse for second
    /// differences.
    /// </summary>
    private static double Kl(bool discrete, double[] old, double[] now)
    {
        if (discrete)
        {
            double oldTotal = Math.Log(old.Sum(Math.Exp)),
                nowTotal = Math.Log(now.Sum(Math.Exp));
            return old.Zip(now, (o, n) => Math.Exp(o - oldTotal) * (o - oldTotal - n + nowTotal)).Sum();
        }

        double s0 = Math.Log(1 + Math.Exp(old[1])),
            s1 = Math.Log(1 + Math.Exp(now[1]));
        return Math.Log(s1 / s0) + (((s0 * s0) + Math.Pow(old[0] - now[0], 2)) / (2 * s1 * s1)) - 0.5;
    }

    private static double Log(bool discrete, double[] output, float[] action)
    {
        if (discrete)
        {
            return output[(int)action[0]] - Math.Log(output.Sum(Math.Exp));
        }

        double deviation = Math.Log(1 + Math.Exp(output[1]));
        return -(Math.Pow((action[0] - output[0]) / deviation, 2) / 2) - Math.Log(deviation) - (Math.Log(2 * Math.PI) / 2);
    }
}
