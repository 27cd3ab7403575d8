using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace RobotRl.Runtime.Tests.Storage;

/// <summary>An independent reading of the safetensors format description, as strict as its reference implementation.</summary>
internal static class StrictSafetensors
{
    public static (Dictionary<string, (string Type, long[] Shape, byte[] Data)> Tensors, Dictionary<string, string> Metadata) Parse(
        byte[] file
    )
    {
        ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(file);
        Assert.InRange(headerBytes, 2UL, 100_000_000UL);
        Assert.Equal(0UL, headerBytes % 8);
        string header = Encoding.UTF8.GetString(file, 8, (int)headerBytes);
        Assert.Equal('{', header[0]);
        var rest = file.AsSpan(8 + (int)headerBytes);
        var tensors = new Dictionary<string, (string, long[], byte[])>();
        var metadata = new Dictionary<string, string>();
        var spans = new List<(long Start, long End)>();
        foreach (JsonProperty property in JsonDocument.Parse(header).RootElement.EnumerateObject())
        {
            if (property.Name == "__metadata__")
            {
                foreach (JsonProperty entry in property.Value.EnumerateObject())
                {
                    Assert.Equal(JsonValueKind.String, entry.Value.ValueKind);
                    metadata.Add(entry.Name, entry.Value.GetString()!);
                }

                continue;
            }

            Assert.Equal(["data_offsets", "dtype", "shape"], property.Value.EnumerateObject().Select(p => p.Name).Order());
            string type = property.Value.GetProperty("dtype").GetString()!;
            long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(n => n.GetInt64())];
            long start = property.Value.GetProperty("data_offsets")[0].GetInt64(),
                end = property.Value.GetProperty("data_offsets")[1].GetInt64();
            int size = type switch
            {
                "F32" => 4,
                "F64" or "I64" => 8,
                "U8" => 1,
                _ => throw new InvalidDataException(type),
            };
            Assert.Equal(shape.Aggregate((long)size, (a, b) => a * b), end - start);
            Assert.Equal(0, start % size);
            tensors.Add(property.Name, (type, shape, rest[(int)start..(int)end].ToArray()));
            spans.Add((start, end));
        }

        long at = 0;
        foreach ((long start, long end) in spans.Order())
        {
            Assert.Equal(at, start);
            at = end;
        }

        Assert.Equal(rest.Length, at);
        return (tensors, metadata);
    }

    public static float[] Floats(byte[] data) =>
        [.. Enumerable.Range(0, data.Length / 4).Select(i => BinaryPrimitives.ReadSingleLittleEndian(data.AsSpan(i * 4)))];
}
