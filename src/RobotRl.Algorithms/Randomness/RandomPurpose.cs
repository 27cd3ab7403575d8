namespace RobotRl.Algorithms.Randomness;

/// <summary>The independent streams that a run draws from; a stream has one owner.</summary>
public enum RandomPurpose
{
    /// <summary>Initial weights.</summary>
    Initialisation = 1,

    /// <summary>Action noise, on the control thread.</summary>
    Acting = 2,

    /// <summary>Which transitions a minibatch holds.</summary>
    Replay = 3,

    /// <summary>Noise inside the update (reparametrised actions, dropout).</summary>
    Learning = 4,

    /// <summary>Initial states of episodes.</summary>
    Reset = 5,

    /// <summary>Process and sensor noise of simulators.</summary>
    Simulation = 6,

    /// <summary>The learner's own choice of probe observations.</summary>
    Admission = 7,
}
