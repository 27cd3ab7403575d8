using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Algorithms.Tests.ActorCritic;
using RobotRl.Algorithms.Tests.Networks;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

public sealed class A3cLearnerTests
{
    private const int Steps = 7;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Update_OfARollout_IsTheDifferenceQuotientOfTheLoss(bool discrete, bool shared)
    {
        // A decay of 1 keeps the mean of squares at 0: the step is eta d / sqrt(epsilon), plain ascent.
        const double Gamma = 0.9,
            Beta = 0.05,
            ValueWeight = 0.7,
            Rate = 1e-3,
            Epsilon = 0.25;
        var options = new A3cOptions
        {
            Network = new() { HiddenWidth = 4, SharedTrunk = shared },
            StepsPerUpdate = Steps,
            Discount = Gamma,
            EntropyCoefficient = Beta,
            ValueCoefficient = ValueWeight,
            SquareDecay = 1,
            SquareEpsilon = Epsilon,
            LearningRate = Rate,
        };
        ActionSpace actions = discrete ? new DiscreteActionSpace(3) : new ContinuousActionSpace(1);
        var block = new A3cShared(2, actions, options, 3);
        using var learner = new A3cLearner(block);
        float[] before = block.Parameters.ToArray();
        MlpShape policy = learner.Policy.Network,
            actor = shared ? policy with { Outputs = policy.Outputs + 1 } : policy,
            critic = policy with { Outputs = 1 };
        (double[] Output, double Value) At(double[] p, double[] x)
        {
            double[] output = ReferenceMlp.Forward(actor, p[..actor.ParameterCount], x);
            return shared ? (output[..^1], output[^1]) : (output, ReferenceMlp.Forward(critic, p[actor.ParameterCount..], x)[0]);
        }

        var random = new CounterRandom(5, RandomPurpose.Simulation);
        List<double[]> states = [],
            nexts = [];
        List<float[]> chosen = [];
        List<double> rewards = [];
        for (int t = 0; t < Steps; t++)
        {
            // Episode ends: terminated after step 2, truncated after step 4; the rollout is cut after step 6.
            float[] observation = Draw(random),
                next = Draw(random),
                action = [discrete ? t % 3 : random.NextGaussian()];
            float reward = random.NextGaussian();
            if (t > 0 && t is not (3 or 5))
            {
                observation = [.. nexts[^1].Select(v => (float)v)];
            }

            states.Add([.. observation.Select(v => (double)v)]);
            nexts.Add([.. next.Select(v => (double)v)]);
            chosen.Add(action);
            rewards.Add(reward);
            learner.Observe(
                new Transition
                {
                    Observation = observation,
                    Proposed = action,
                    PreSquash = action,
                    Executed = action,
                    NextObservation = next,
                    LogProbability = -1,
                    Reward = reward,
                    End =
                        t == 2 ? EpisodeEnd.Terminated
                        : t == 4 ? EpisodeEnd.Truncated
                        : EpisodeEnd.None,
                    Learnable = true,
                    Sequence = t,
                }
            );
        }

        learner.Update();
        double[] at = [.. before.Select(p => (double)p)],
            returns = new double[Steps];
        for (int t = Steps - 1; t >= 0; t--)
        {
            double after =
                t == 2 ? 0
                : t is 4 or Steps - 1 ? At(at, nexts[t]).Value
                : returns[t + 1];
            returns[t] = rewards[t] + (Gamma * after);
        }

        double[] advantages = [.. returns.Select((r, t) => r - At(at, states[t]).Value)];
        double[] expected = ReferenceMlp.Gradient(before, p => Enumerable
                .Range(0, Steps)
                .Sum(t =>
                {
                    (double[] output, double value) = At(p, states[t]);
                    (double log, double entropy) = Policy(discrete, output, chosen[t]);
                    return (advantages[t] * log) + (Beta * entropy) - (ValueWeight * Math.Pow(returns[t] - value, 2) / 2);
                }));
        float[] moved = [.. block.Parameters.ToArray().Zip(before, (b, a) => (float)(((double)b - a) * Math.Sqrt(Epsilon) / Rate))];
        ReferenceMlp.AssertClose(expected, moved, 2e-3);
    }

    [Fact]
    public void Update_OfTwoWorkersInTurn_AddsUpOnTheBlock_EachFromTheCopyThatItsRolloutBeganWith()
    {
        A3cOptions options = new()
        {
            Network = new() { HiddenWidth = 8 },
            StepsPerUpdate = 5,
            SquareDecay = 1,
            SquareEpsilon = 1,
        };
        float[] Moved(bool first, bool second)
        {
            var block = new A3cShared(3, new DiscreteActionSpace(2), options, 3);
            float[] before = block.Parameters.ToArray();
            using A3cLearner a = new(block),
                b = new(block);
            using LearnerDriver one = new(a, 1),
                two = new(b, 2);
            one.Run(5, update: false);
            two.Run(5, update: false);
            if (first)
            {
                a.Update();
            }

            if (second)
            {
                b.Update();
            }

            return [.. block.Parameters.ToArray().Zip(before, (x, y) => x - y)];
        }

        float[] both = Moved(true, true),
            onlyA = Moved(true, false),
            onlyB = Moved(false, true);
        Assert.Contains(onlyA.Zip(onlyB), pair => pair.First != pair.Second);
        Assert.All(both.Select((d, i) => (d, onlyA[i] + onlyB[i])), pair => Assert.Equal(pair.Item2, pair.d, 1e-6));
    }

    [Fact]
    public void Update_OfWorkersInTurn_IsTheSameEachTime()
    {
        float[] Run()
        {
            var block = new A3cShared(
                3,
                new DiscreteActionSpace(2),
                new()
                {
                    Network = new() { HiddenWidth = 8 },
                    StepsPerUpdate = 5,
                },
                3
            );
            A3cLearner[] workers = [new(block), new(block), new(block)];
            LearnerDriver[] drivers = [.. workers.Select((w, i) => new LearnerDriver(w, (ulong)i))];
            for (int t = 0; t < 200; t++)
            {
                foreach (LearnerDriver driver in drivers)
                {
                    driver.Run(1, whenReady: true);
                }
            }

            Assert.All(workers, w => Assert.Equal(40, w.Updates));
            Array.ForEach(drivers, d => d.Dispose());
            return block.Parameters.ToArray();
        }

        Assert.Equal(Run(), Run());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Update_OfFourWorkersOnThreadsOfTheirOwn_LearnsWithoutALock(bool discrete)
    {
        var block = new A3cShared(
            2,
            discrete ? new DiscreteActionSpace(3) : new ContinuousActionSpace(1),
            new()
            {
                Network = new() { HiddenWidth = 16 },
                LearningRate = 0.003,
                Discount = 0.9,
            },
            4
        );
        A3cLearner[] workers = [.. Enumerable.Range(0, 4).Select(_ => new A3cLearner(block))];
        Thread[] threads = [.. workers.Select((w, i) => new Thread(() => ContextBandit.Learn(w, 4000, 500, (ulong)i + 4)))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        Assert.All(block.Parameters.ToArray(), p => Assert.True(float.IsFinite(p)));

        // A thread that the machine starts early ends before the others have learned: what all of them have made is judged.
        Assert.All(workers, w =>
        {
            double last = ContextBandit.Learn(w, 1000, 500, 9).Last;
            Assert.True(last > (discrete ? 0.85 : -0.1), $"{last}");
        });
        Array.ForEach(workers, w => w.Dispose());
    }

    [Fact]
    public void Update_Twice_StepsByTheSharedMeanOfSquares()
    {
        A3cOptions options = new()
        {
            Network = new() { HiddenWidth = 4 },
            StepsPerUpdate = 4,
            SquareDecay = 0.8,
            SquareEpsilon = 1e-3,
            LearningRate = 0.01,
        };
        float[] Gradient(Action<A3cLearner, LearnerDriver> run, out float[] parameters)
        {
            // The same learner with plain ascent tells the gradient that the other one saw: its block is put back before.
            var block = new A3cShared(
                3,
                new DiscreteActionSpace(2),
                options with
                {
                    SquareDecay = 1,
                    SquareEpsilon = 1,
                    LearningRate = 1,
                },
                3
            );
            using var learner = new A3cLearner(block);
            using var driver = new LearnerDriver(learner, 1);
            float[] before = block.Parameters.ToArray();
            run(learner, driver);
            parameters = block.Parameters.ToArray();
            return [.. parameters.Zip(before, (after, was) => after - was)];
        }

        float[] first = Gradient((_, d) => d.Run(4, whenReady: true), out _);
        var subject = new A3cShared(3, new DiscreteActionSpace(2), options, 3);
        using var worker = new A3cLearner(subject);
        using var acting = new LearnerDriver(worker, 1);
        float[] start = subject.Parameters.ToArray();
        acting.Run(4, whenReady: true);
        double[] expected = [.. first.Select(d => 0.01 * d / Math.Sqrt((0.2 * d * d) + 1e-3))];
        ReferenceMlp.AssertClose(expected, [.. subject.Parameters.ToArray().Zip(start, (after, was) => after - was)], 1e-3);
        float[] squares = LearnerProbe.Read(worker, "shared/squares", start.Length);
        ReferenceMlp.AssertClose([.. first.Select(d => 0.2 * d * d)], squares, 1e-3);
    }

    private static (double Log, double Entropy) Policy(bool discrete, double[] output, float[] action)
    {
        if (discrete)
        {
            double total = Math.Log(output.Sum(Math.Exp));
            return (output[(int)action[0]] - total, -output.Sum(o => Math.Exp(o - total) * (o - total)));
        }

        double deviation = Math.Log(1 + Math.Exp(output[1]));
        return (
            -(Math.Pow((action[0] - output[0]) / deviation, 2) / 2) - Math.Log(deviation) - (Math.Log(2 * Math.PI) / 2),
            Math.Log(2 * Math.PI * Math.E * deviation * deviation) / 2
        );
    }

    private static float[] Draw(CounterRandom random)
    {
        float[] values = new float[2];
        random.FillGaussian(values);
        return values;
    }
}
