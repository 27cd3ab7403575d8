namespace RobotRl.Algorithms.Replay;

/// <summary>What the options of every learner with a replay have in common.</summary>
internal interface IOffPolicyOptions
{
    /// <summary>Samples per minibatch.</summary>
    int BatchSize { get; }

    /// <summary>gamma.</summary>
    double Discount { get; }

    /// <summary>Transitions gathered before the first update.</summary>
    int LearningStarts { get; }

    /// <summary>Transitions kept.</summary>
    int ReplayCapacity { get; }

    /// <summary>Updates per transition (UTD).</summary>
    double UpdatesPerTransition { get; }

    /// <summary>n of the n-step return.</summary>
    int StepsPerReturn { get; }

    /// <summary>Whether observations are normalised.</summary>
    bool NormaliseObservations { get; }
}
