namespace RobotRl.Runtime.Admission;

/// <summary>Why a snapshot was not let on the robot; the first that applies.</summary>
public enum RefusalReason
{
    /// <summary>It was let on.</summary>
    None,

    /// <summary>A weight or a normaliser entry is not finite.</summary>
    NonFiniteWeights,

    /// <summary>An action on the probe set is not finite.</summary>
    NonFiniteActions,

    /// <summary>Its actions on the probe set are too far from the last offered policy's.</summary>
    ActionJump,

    /// <summary>A value estimate on the probe set is not finite or beyond its bound.</summary>
    InsaneValues,

    /// <summary>The safety gate would change too many of its actions on the probe set.</summary>
    Shielded,
}
