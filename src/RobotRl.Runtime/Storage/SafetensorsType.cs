namespace RobotRl.Runtime.Storage;

/// <summary>Element type of a tensor in a safetensors file, of those that this program writes.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Bytes">Bytes of one element.</param>
public readonly record struct SafetensorsType(string Name, int Bytes)
{
    /// <summary>32-bit float.</summary>
    public static readonly SafetensorsType F32 = new("F32", 4);

    /// <summary>64-bit float.</summary>
    public static readonly SafetensorsType F64 = new("F64", 8);

    /// <summary>64-bit signed integer.</summary>
    public static readonly SafetensorsType I64 = new("I64", 8);

    /// <summary>Byte.</summary>
    public static readonly SafetensorsType U8 = new("U8", 1);

    internal bool IsWide => Bytes == 8;

    internal static bool TryParse(string? name, out SafetensorsType type)
    {
        foreach (SafetensorsType known in (ReadOnlySpan<SafetensorsType>)[F32, F64, I64, U8])
        {
            if (known.Name == name)
            {
                type = known;
                return true;
            }
        }

        type = default;
        return false;
    }
}
