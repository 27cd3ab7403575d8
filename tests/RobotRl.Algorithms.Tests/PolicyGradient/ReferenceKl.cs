using RobotRl.Algorithms.Policies;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

/// <summary>KL divergence of two policies' outputs by its definition, in double precision.</summary>
internal static class ReferenceKl
{
    public static double Between(PolicyHead head, double[] old, double[] now)
    {
        if (head == PolicyHead.Categorical)
        {
            double[] p = Softmax(old),
                q = Softmax(now);
            return p.Zip(q, (a, b) => a * Math.Log(a / b)).Sum();
        }

        // The integral of p log(p / q), by the trapezoidal rule over +-12 deviations: no closed form is taken on trust.
        double sum = 0;
        int size = old.Length / 2,
            parts = 4000;
        for (int j = 0; j < size; j++)
        {
            double m0 = old[j],
                s0 = Softplus(old[size + j]),
                m1 = now[j],
                s1 = Softplus(now[size + j]),
                width = 24 * s0 / parts;
            for (int i = 0; i <= parts; i++)
            {
                double x = m0 - (12 * s0) + (i * width),
                    z0 = (x - m0) / s0,
                    z1 = (x - m1) / s1;
                double density = Math.Exp(-z0 * z0 / 2) / (s0 * Math.Sqrt(2 * Math.PI));
                sum += width * density * (Math.Log(s1 / s0) - (z0 * z0 / 2) + (z1 * z1 / 2));
            }
        }

        return sum;
    }

    private static double[] Softmax(double[] logits)
    {
        double total = logits.Sum(Math.Exp);
        return [.. logits.Select(l => Math.Exp(l) / total)];
    }

    private static double Softplus(double x) => Math.Log(1 + Math.Exp(x));
}
