using RobotRl.Algorithms.Kernels;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>Solves A x = b for a symmetric positive definite A that is known by its products only.</summary>
/// <remarks>
/// M. R. Hestenes and E. Stiefel, "Methods of conjugate gradients for solving linear systems", 1952, as arXiv 1502.05477 appendix C uses
/// it: a fixed number of iterations from x = 0. Each iterate is a descent direction of its own, so that stopping early is safe.
/// </remarks>
internal sealed class ConjugateGradient(int size)
{
    /// <summary>
    /// Squared residual, as a part of that of x = 0, below which the solution is good enough: float products give no more.
    /// </summary>
    private const double Enough = 1e-10;

    private readonly float[] _residual = new float[size],
        _direction = new float[size],
        _product = new float[size];

    /// <summary>Products that the newest <see cref="Solve"/> took.</summary>
    public int Iterations { get; private set; }

    /// <summary>Squared residual |b - A x|^2 of the newest <see cref="Solve"/>, as its recurrence has it.</summary>
    public double Residual { get; private set; }

    /// <summary>Iterates from x = 0.</summary>
    /// <param name="multiply">Writes A x its first argument to its second.</param>
    /// <param name="b">[size].</param>
    /// <param name="x">Receives the solution, [size].</param>
    /// <param name="most">Iterations at most.</param>
    public void Solve(Action<float[], float[]> multiply, ReadOnlySpan<float> b, Span<float> x, int most)
    {
        x.Clear();
        b.CopyTo(_residual);
        b.CopyTo(_direction);
        double start = SampleKernels.WideDot(_residual, _residual);
        (Iterations, Residual) = (0, start);
        while (Iterations < most && Residual > Enough * start)
        {
            multiply(_direction, _product);
            Iterations++;
            double curvature = SampleKernels.WideDot(_direction, _product);
            if (!(curvature > 0))
            {
                // Rounding has used up what was to be found in this direction.
                return;
            }

            // alpha = r.r / p.Ap; x += alpha p; r -= alpha A p; beta = r'.r' / r.r; p = r' + beta p.
            float step = (float)(Residual / curvature);
            for (int i = 0; i < x.Length; i++)
            {
                x[i] += step * _direction[i];
                _residual[i] -= step * _product[i];
            }

            double next = SampleKernels.WideDot(_residual, _residual);
            float keep = (float)(next / Residual);
            for (int i = 0; i < _direction.Length; i++)
            {
                _direction[i] = _residual[i] + (keep * _direction[i]);
            }

            Residual = next;
        }
    }
}
