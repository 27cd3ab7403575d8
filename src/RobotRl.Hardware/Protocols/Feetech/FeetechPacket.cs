namespace RobotRl.Hardware.Protocols.Feetech;

/// <summary>A packet that passed its checksum. It lies in the decoder: valid until the decoder's next call.</summary>
public readonly ref struct FeetechPacket
{
    internal FeetechPacket(byte id, byte instructionOrError, ReadOnlySpan<byte> parameters)
    {
        (Id, InstructionOrError) = (id, instructionOrError);
        Parameters = parameters;
    }

    /// <summary>Whom it goes to, or who answers.</summary>
    public byte Id { get; }

    /// <summary>The byte behind the length: nothing but the direction tells which it is.</summary>
    public byte InstructionOrError { get; }

    /// <summary>What it asks for, where it is a request.</summary>
    public FeetechInstruction Instruction => (FeetechInstruction)InstructionOrError;

    /// <summary>What is wrong with the servo, where it is an answer.</summary>
    public FeetechErrors Errors => (FeetechErrors)InstructionOrError;

    /// <summary>What follows.</summary>
    public ReadOnlySpan<byte> Parameters { get; }

    /// <summary>
    /// The register value of <paramref name="register"/>, where the parameters begin with address <paramref name="first"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The parameters do not reach that far.</exception>
    public int Value(FeetechRegister register, byte first) => register.Decode(Parameters.Slice(register.Address - first, register.Size));
}
