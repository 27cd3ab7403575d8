using static TorchSharp.torch;

namespace RobotRl.Benchmarks.Sac;

/// <summary>
/// The matrix products of one SAC update and nothing else, into buffers made once: what the update cannot be faster than with
/// this library.
/// </summary>
internal sealed class SacProducts
{
    private readonly List<(Tensor Into, Tensor Left, Tensor Right)> _products = [];

    public SacProducts()
    {
        const int b = SacWork.Batch,
            w = SacWork.Width,
            o = SacWork.Observations,
            a = SacWork.Actions;
        Forward(2 * b, o, 2 * a); // the policy at s and s'
        for (int critic = 0; critic < 2; critic++)
        {
            Forward(b, o + a, 1); // target
            Forward(b, o + a, 1); // at the executed actions
            Backward(b, o + a, 1, weights: true, inputs: 0);
            Forward(b, o + a, 1); // at the policy's actions
        }

        Backward(b, o + a, 1, weights: false, inputs: a); // each sample through its own lower critic
        Backward(b, o, 2 * a, weights: true, inputs: 0);

        void Forward(int rows, int inputs, int outputs)
        {
            Add(rows, inputs, w);
            Add(rows, w, w);
            Add(rows, w, outputs);
        }

        void Backward(int rows, int inputSize, int outputs, bool weights, int inputs)
        {
            Add(rows, outputs, w);
            Add(rows, w, w);
            if (weights)
            {
                Add(w, rows, outputs);
                Add(w, rows, w);
                Add(inputSize, rows, w);
            }

            if (inputs > 0)
            {
                Add(rows, w, inputs);
            }
        }

        void Add(int rows, int inner, int columns) => _products.Add((zeros(rows, columns), randn(rows, inner), randn(inner, columns)));
    }

    public void Run()
    {
        foreach ((Tensor into, Tensor left, Tensor right) in _products)
        {
            into.addmm_(left, right, beta: 0, alpha: 1);
        }
    }
}
