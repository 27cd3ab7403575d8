using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Algorithms.CrossQ;

/// <summary>
/// The policy that a learner was put back to, until its next update. What a learner keeps is written for its running statistics and
/// gives the same actions within rounding only; until it learns again it acts bit for bit as the one that was given.
/// </summary>
internal sealed class GivenPolicy(int parameters)
{
    private readonly float[] _parameters = new float[parameters];

    /// <summary>Whether there is one.</summary>
    public bool Holds { get; private set; }

    /// <summary>Keeps it.</summary>
    public void Take(PolicyBlock source)
    {
        source.Parameters.CopyTo(_parameters, 0);
        Holds = true;
    }

    /// <summary>The learner goes on: its own parameters count again.</summary>
    public void Forget() => Holds = false;

    /// <summary>Copies it; false, and nothing is done, where there is none.</summary>
    public bool TryCopy(Span<float> flat)
    {
        if (Holds)
        {
            _parameters.CopyTo(flat);
        }

        return Holds;
    }

    /// <summary>Writes it under <paramref name="name"/>.</summary>
    public void Save(IStateWriter writer, string name)
    {
        writer.Write(name + "/holds", Holds ? 1 : 0);
        writer.Write(name + "/parameters", _parameters);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateReader reader, string name)
    {
        Holds = reader.ReadInt64(name + "/holds") != 0;
        reader.Read(name + "/parameters", _parameters);
    }
}
