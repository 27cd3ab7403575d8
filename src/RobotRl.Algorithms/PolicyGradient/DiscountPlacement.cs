namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>Where time begins for the discount.</summary>
public enum DiscountPlacement
{
    /// <summary>Placement 1: at the step, sum over t' of gamma^(t' - t) r_t'.</summary>
    FromStep,

    /// <summary>
    /// Placement 2: at the episode's start, gamma^(t - 1) sum over t' of gamma^(t' - t) r_t': the gradient of the discounted
    /// objective itself.
    /// </summary>
    FromStart,
}
