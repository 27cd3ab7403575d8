using RobotRl.Algorithms.Kernels;
using RobotRl.Benchmarks.Sac;

namespace RobotRl.Benchmarks.Managed;

/// <summary>
/// The matrix products of one SAC update and nothing else, with operands packed once beforehand: no bias, no ReLU, no packing. As
/// <see cref="SacProducts"/> with our kernel.
/// </summary>
internal sealed unsafe class ManagedSacProducts : IDisposable
{
    private readonly KernelMemory _memory = new();
    private readonly SimdWidth _width = DenseVector.BestWidth;
    private readonly List<MatrixProduct.Job> _jobs = [];

    public ManagedSacProducts()
    {
        const int b = SacWork.Batch,
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
    }

    public void Run()
    {
        foreach (MatrixProduct.Job job in _jobs)
        {
            MatrixProduct.Run(in job, _width);
        }
    }

    public void Dispose() => _memory.Dispose();

    private void Forward(int rows, int inputs, int outputs)
    {
        Add(rows, inputs, SacWork.Width);
        Add(rows, SacWork.Width, SacWork.Width);
        Add(rows, SacWork.Width, outputs);
    }

    private void Backward(int rows, int inputSize, int outputs, bool weights, int inputs)
    {
        Add(rows, outputs, SacWork.Width);
        Add(rows, SacWork.Width, SacWork.Width);
        if (weights)
        {
            Add(SacWork.Width, rows, outputs);
            Add(SacWork.Width, rows, SacWork.Width);
            Add(inputSize, rows, SacWork.Width);
        }

        if (inputs > 0)
        {
            Add(rows, SacWork.Width, inputs);
        }
    }

    private void Add(int rows, int depth, int columns)
    {
        if (columns == 1 || depth == 1)
        {
            return; // bound by memory, no product worth the name: left out, which makes the limit higher, never lower
        }

        int panel = MatrixProduct.PanelWidth(_width),
            panels = MatrixProduct.Panels(columns, _width);
        Matrix left = _memory.Matrix(rows, depth),
            into = _memory.Matrix(rows, columns);
        _jobs.Add(
            new()
            {
                A = left.Row(0),
                RowStride = left.Stride,
                DepthStride = 1,
                GroupStride = (nint)left.Stride * MatrixProduct.TileRows,
                Rows = rows,
                Depth = depth,
                B = _memory.Floats((long)panels * panel * depth),
                PanelRowStride = panel,
                PanelStride = (nint)depth * panel,
                Panels = panels,
                C = into.Row(0),
                CRowStride = into.Stride,
                CPanelStride = panel,
            }
        );
    }
}
