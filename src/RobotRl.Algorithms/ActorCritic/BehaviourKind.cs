namespace RobotRl.Algorithms.ActorCritic;

/// <summary>Who acts while another policy is learned (Off-PAC's b).</summary>
public enum BehaviourKind
{
    /// <summary>The learned policy, made bolder: logits divided by a temperature, or deviations multiplied by it (small ones).</summary>
    Tempered,

    /// <summary>Every action alike, whatever was learned: the behaviour of the paper's first experiments.</summary>
    Uniform,
}
