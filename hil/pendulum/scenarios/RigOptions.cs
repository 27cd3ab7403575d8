namespace RobotRl.Hil.Pendulum;

/// <summary>How an emulated rig is started.</summary>
public sealed record RigOptions
{
    /// <summary>As fast as the machine can, not in real time. Default no.</summary>
    public bool Unpaced { get; init; }

    /// <summary>Whether it writes a trace. Default yes.</summary>
    public bool Trace { get; init; } = true;

    /// <summary>How often the trace has angle, velocity and current. Default null: never.</summary>
    public TimeSpan? TracePlantEvery { get; init; }

    /// <summary>Seed of noise and line damage.</summary>
    public long Seed { get; init; } = 1;
}
