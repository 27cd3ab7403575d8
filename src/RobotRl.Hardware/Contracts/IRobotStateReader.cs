namespace RobotRl.Hardware.Contracts;

/// <summary>Gives back what an <see cref="IRobotStateWriter"/> took.</summary>
public interface IRobotStateReader
{
    /// <summary>Fills <paramref name="values"/>; throws where nothing of that name was written, or of another length.</summary>
    void Read(string name, Span<double> values);

    /// <summary>Fills <paramref name="values"/>; throws where nothing of that name was written, or of another length.</summary>
    void Read(string name, Span<long> values);
}
