using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Tests.Networks;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

public sealed class PolicyDivergenceTests
{
    [Theory]
    [InlineData(PolicyHead.Categorical)]
    [InlineData(PolicyHead.ClippedGaussian)]
    public void Between_TwoPolicies_IsTheDefinition(PolicyHead head)
    {
        var random = new CounterRandom(3, RandomPurpose.Simulation);
        for (int trial = 0; trial < 20; trial++)
        {
            float[] old = Draw(random),
                now = Draw(random);
            double expected = ReferenceKl.Between(head, [.. old.Select(o => (double)o)], [.. now.Select(o => (double)o)]);
            Assert.Equal(expected, PolicyDivergence.Between(head, old, now), 1e-6 * Math.Max(1, expected));
            Assert.Equal(0, PolicyDivergence.Between(head, old, old), 1e-12);
        }
    }

    [Theory]
    [InlineData(PolicyHead.Categorical)]
    [InlineData(PolicyHead.ClippedGaussian)]
    public void Fisher_OfAnyOutputs_IsTheSecondDerivativeOfTheDivergence(PolicyHead head)
    {
        var random = new CounterRandom(4, RandomPurpose.Simulation);
        float[] output = Draw(random),
            tangent = Draw(random),
            product = new float[4];
        PolicyDivergence.Fisher(head, output, tangent, product);
        double[] at = [.. output.Select(o => (double)o)];
        double[] expected = new double[4];
        const double Step = 1e-3;
        for (int i = 0; i < 4; i++)
        {
            for (int j = 0; j < 4; j++)
            {
                double Moved(double a, double b)
                {
                    double[] now = [.. at];
                    now[i] += a;
                    now[j] += b;
                    return ReferenceKl.Between(head, at, now);
                }

                expected[i] +=
                    tangent[j] * (Moved(Step, Step) - Moved(Step, -Step) - Moved(-Step, Step) + Moved(-Step, -Step)) / (4 * Step * Step);
            }
        }

        ReferenceMlp.AssertClose(expected, product, 1e-4);
    }

    private static float[] Draw(CounterRandom random)
    {
        float[] values = new float[4];
        random.FillGaussian(values);
        return values;
    }
}
