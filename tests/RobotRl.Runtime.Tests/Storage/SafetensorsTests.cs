using System.Security.Cryptography;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Randomness;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Tests.Storage;

public sealed class SafetensorsTests
{
    [Fact]
    public void WriteTo_MixedTensors_IsValidByTheFormatAndReadsBack()
    {
        using var directory = new TemporaryDirectory();
        string path = Write(directory);
        byte[] bytes = File.ReadAllBytes(path);
        var (tensors, metadata) = StrictSafetensors.Parse(bytes);
        Assert.Equal("wärme \"x\"\n", metadata["note"]);
        Assert.Equal(
            ["a/float", "a/long", "b/double", "empty", "integrity.sha256", "matrix", "random"],
            tensors.Keys.Order(StringComparer.Ordinal)
        );
        Assert.Equal([2L, 3L], tensors["matrix"].Shape);
        Assert.Equal([1.5f, float.NaN, float.NegativeInfinity], StrictSafetensors.Floats(tensors["a/float"].Data));
        Assert.Equal(SHA256.HashData(bytes.AsSpan(0, bytes.Length - 32)), tensors["integrity.sha256"].Data);
        Assert.Equal(bytes[^32..], tensors["integrity.sha256"].Data);

        IStateReader reader = SafetensorsFile.Load(path);
        double[] doubles = new double[2];
        reader.Read("b/double", doubles);
        Assert.Equal([Math.PI, -0.0], doubles);
        Assert.Equal(long.MinValue, reader.ReadInt64("a/long"));
        Assert.Equal(new RandomState(1, 2, ulong.MaxValue), reader.ReadRandomState("random"));
    }

    [Fact]
    public void Load_AnySingleBitFlip_NamesTheFile()
    {
        using var directory = new TemporaryDirectory();
        string path = Write(directory);
        byte[] good = File.ReadAllBytes(path);
        for (int bit = 0; bit < good.Length * 8; bit++)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            DamagedFileException error = Assert.Throws<DamagedFileException>(() => SafetensorsFile.Parse(path, bad));
            Assert.StartsWith(path + ": ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Load_TruncatedOrExtendedAtAnyByte_NamesTheFile()
    {
        using var directory = new TemporaryDirectory();
        string path = Write(directory);
        byte[] good = File.ReadAllBytes(path);
        for (int length = 0; length < good.Length; length++)
        {
            File.WriteAllBytes(path, good[..length]);
            string message = Assert.Throws<DamagedFileException>(() => SafetensorsFile.Load(path)).Message;
            Assert.StartsWith($"{path}: truncated: {length} bytes", message, StringComparison.Ordinal);
        }

        File.WriteAllBytes(path, [.. good, 0]);
        Assert.Contains(
            "1 bytes too many",
            Assert.Throws<DamagedFileException>(() => SafetensorsFile.Load(path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Read_OtherNameLengthOrType_SaysWhatWasExpected()
    {
        using var directory = new TemporaryDirectory();
        SafetensorsFile file = SafetensorsFile.Load(Write(directory));
        StateMismatchException missing = Assert.Throws<StateMismatchException>(() => file.Read("a/flot", new float[3]));
        Assert.Equal("a/flot", missing.Name);
        Assert.Contains("no state \"a/flot\"; 3 values of F32 were expected", missing.Message, StringComparison.Ordinal);
        Assert.Contains(
            "state \"a/float\" has 3 values of F32; 4 of F32 were expected",
            Assert.Throws<StateMismatchException>(() => file.Read("a/float", new float[4])).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "state \"a/float\" has 3 values of F32; 3 of F64 were expected",
            Assert.Throws<StateMismatchException>(() => file.Read("a/float", new double[3])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Write_SameNameTwice_Throws()
    {
        var writer = new SafetensorsWriter();
        writer.Write("x", [1f]);
        Assert.Throws<ArgumentException>(() => writer.Write("x", [1.0]));
        writer.Clear();
        writer.Write("x", [1.0]);
    }

    [Fact]
    public void Of_SameStateOtherBitOtherName_HashesDiffer()
    {
        string hash = StateHash.Of(w => w.Write("a", [1f, 2f]));
        Assert.Equal(64, hash.Length);
        Assert.Equal(hash, StateHash.Of(w => w.Write("a", [1f, 2f])));
        Assert.NotEqual(hash, StateHash.Of(w => w.Write("a", [1f, MathF.BitIncrement(2f)])));
        Assert.NotEqual(hash, StateHash.Of(w => w.Write("b", [1f, 2f])));
        Assert.NotEqual(StateHash.Of(w => w.Write("a", [0f])), StateHash.Of(w => w.Write("a", [-0f])));
    }

    private static string Write(TemporaryDirectory directory)
    {
        IStateWriter writer = new SafetensorsWriter();
        writer.Write("a/float", [1.5f, float.NaN, float.NegativeInfinity]);
        writer.Write("a/long", long.MinValue);
        writer.Write("b/double", [Math.PI, -0.0]);
        writer.Write("random", new RandomState(1, 2, ulong.MaxValue));
        writer.Write("empty", ReadOnlySpan<float>.Empty);
        ((SafetensorsWriter)writer).WriteMatrix("matrix", [1f, 2f, 3f, 4f, 5f, 6f], 2);
        string path = directory.File("x.safetensors");
        ((SafetensorsWriter)writer).WriteTo(path, [new("note", "wärme \"x\"\n")]);
        return path;
    }
}
