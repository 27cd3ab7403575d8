using System.Text;
using RobotRl.Algorithms.Networks;

namespace RobotRl.Benchmarks.Inference;

/// <summary>
/// Writes a multilayer perceptron as an ONNX model: Gemm, activation, ..., Gemm, Tanh. Just the protobuf fields that takes
/// (onnx.proto of ONNX 1.13, operator set 13).
/// </summary>
internal static class OnnxModel
{
    private const int Float = 1;

    /// <summary>The model, from input <c>observation</c> [1, inputs] to output <c>action</c> [1, outputs].</summary>
    public static byte[] Write(MlpShape shape, ReadOnlySpan<float> parameters)
    {
        var graph = new MemoryStream();
        string last = "observation";
        for (int l = 0; l < shape.LayerCount; l++)
        {
            int inputs = shape.LayerInputs(l),
                outputs = shape.LayerOutputs(l);
            Message(graph, 5, Tensor($"w{l}", [inputs, outputs], parameters.Slice(shape.WeightOffset(l), inputs * outputs)));
            Message(graph, 5, Tensor($"b{l}", [outputs], parameters.Slice(shape.BiasOffset(l), outputs)));
            Message(graph, 1, Node("Gemm", [last, $"w{l}", $"b{l}"], $"y{l}"));
            bool end = l == shape.LayerCount - 1;
            last = end ? "action" : $"x{l + 1}";
            Message(graph, 1, Node(end ? "Tanh" : shape.Activation.ToString(), [$"y{l}"], last));
        }

        Text(graph, 2, "policy");
        Message(graph, 11, Value("observation", shape.Inputs));
        Message(graph, 12, Value("action", shape.Outputs));

        var operators = new MemoryStream();
        Integer(operators, 2, 13);
        var model = new MemoryStream();
        Integer(model, 1, 8);
        Message(model, 8, operators);
        Message(model, 7, graph);
        return model.ToArray();
    }

    private static MemoryStream Node(string type, string[] inputs, string output)
    {
        var node = new MemoryStream();
        foreach (string input in inputs)
        {
            Text(node, 1, input);
        }

        Text(node, 2, output);
        Text(node, 4, type);
        return node;
    }

    private static MemoryStream Tensor(string name, int[] dimensions, ReadOnlySpan<float> values)
    {
        var tensor = new MemoryStream();
        foreach (int dimension in dimensions)
        {
            Integer(tensor, 1, (ulong)dimension);
        }

        Integer(tensor, 2, Float);
        Text(tensor, 8, name);
        Bytes(tensor, 9, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values));
        return tensor;
    }

    private static MemoryStream Value(string name, int size)
    {
        var shape = new MemoryStream();
        foreach (int dimension in new[] { 1, size })
        {
            var one = new MemoryStream();
            Integer(one, 1, (ulong)dimension);
            Message(shape, 1, one);
        }

        MemoryStream tensor = new(),
            type = new(),
            value = new();
        Integer(tensor, 1, Float);
        Message(tensor, 2, shape);
        Message(type, 1, tensor);
        Text(value, 1, name);
        Message(value, 2, type);
        return value;
    }

    private static void Integer(MemoryStream to, int field, ulong value)
    {
        Variable(to, (ulong)field << 3);
        Variable(to, value);
    }

    private static void Text(MemoryStream to, int field, string value) => Bytes(to, field, Encoding.UTF8.GetBytes(value));

    private static void Message(MemoryStream to, int field, MemoryStream value) => Bytes(to, field, value.ToArray());

    private static void Bytes(MemoryStream to, int field, ReadOnlySpan<byte> value)
    {
        Variable(to, ((ulong)field << 3) | 2);
        Variable(to, (ulong)value.Length);
        to.Write(value);
    }

    private static void Variable(MemoryStream to, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            to.WriteByte((byte)(value | 0x80));
        }

        to.WriteByte((byte)value);
    }
}
