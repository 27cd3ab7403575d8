namespace RobotRl.Algorithms.Deterministic;

/// <summary>Noise that a deterministic policy explores with.</summary>
public enum ExplorationKind
{
    /// <summary>Independent at every action (TD3, arXiv 1802.09477).</summary>
    Gaussian,

    /// <summary>An Ornstein-Uhlenbeck process, correlated in time, from 0 at each episode's start (DDPG, arXiv 1509.02971).</summary>
    OrnsteinUhlenbeck,
}
