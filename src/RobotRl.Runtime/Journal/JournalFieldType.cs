namespace RobotRl.Runtime.Journal;

/// <summary>Type of the numbers in a field; all are little-endian.</summary>
public enum JournalFieldType
{
    /// <summary>Unsigned, 1 byte.</summary>
    U8,

    /// <summary>Unsigned, 2 bytes.</summary>
    U16,

    /// <summary>Unsigned, 4 bytes.</summary>
    U32,

    /// <summary>Signed, 4 bytes.</summary>
    I32,

    /// <summary>Signed, 8 bytes.</summary>
    I64,

    /// <summary>IEEE 754, 4 bytes.</summary>
    F32,

    /// <summary>IEEE 754, 8 bytes.</summary>
    F64,
}
