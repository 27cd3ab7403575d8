#if TORCH
using System.Runtime.InteropServices;
using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Networks;

/// <summary>Moves float32 tensors to and from managed memory and checkpoints, from any device.</summary>
internal static class TorchMemory
{
    /// <summary>The elements of a contiguous float32 tensor in host memory, in place.</summary>
    public static Span<float> Host(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    /// <summary>Mean of all elements, in float64.</summary>
    public static double Mean(Tensor tensor)
    {
        using Tensor mean = tensor.mean(),
            wide = mean.to(ScalarType.Float64),
            host = wide.cpu();
        return host.item<double>();
    }

    /// <summary>Mean square of all elements, in float64.</summary>
    public static double MeanSquare(Tensor tensor)
    {
        using Tensor square = tensor * tensor;
        return Mean(square);
    }

    /// <summary>
    /// Carries networks that lie one behind the other, <paramref name="stride"/> floats each, over to another normaliser of the
    /// observation; null: there was none.
    /// </summary>
    public static void Carry(Tensor block, MlpShape shape, int stride, NormaliserChange? change)
    {
        if (change is null || block.numel() == 0)
        {
            return;
        }

        using IDisposable off = no_grad();
        using Tensor host = block.detach().to(ScalarType.Float32).cpu().contiguous();
        Span<float> flat = Host(host);
        for (int start = 0; start < flat.Length; start += stride)
        {
            change.Carry(shape, flat.Slice(start, shape.ParameterCount));
        }

        block.copy_(host);
    }

    /// <summary>Writes a tensor's elements.</summary>
    public static void Write(IStateWriter writer, string name, Tensor tensor)
    {
        using Tensor host = tensor.cpu();
        writer.Write(name, Host(host));
    }

    /// <summary>Reads a tensor's elements.</summary>
    public static void Read(IStateReader reader, string name, Tensor tensor)
    {
        using Tensor host = empty(tensor.numel(), ScalarType.Float32);
        reader.Read(name, Host(host));
        tensor.copy_(host);
    }
}
#endif
