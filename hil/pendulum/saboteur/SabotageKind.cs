namespace RobotRl.Hil.Saboteur;

/// <summary>What goes wrong.</summary>
internal enum SabotageKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The action becomes a command that is no number, each step.</summary>
    Nan,

    /// <summary>The control thread stands still and never comes back.</summary>
    Stall,

    /// <summary>Each tick takes one and a half control periods.</summary>
    Late,

    /// <summary>An update throws.</summary>
    LearnerThrows,

    /// <summary>An update never ends.</summary>
    LearnerBlocks,

    /// <summary>The weights of the policy grow a thousandfold with each offer, up to infinity and beyond.</summary>
    LearnerDiverges,
}
