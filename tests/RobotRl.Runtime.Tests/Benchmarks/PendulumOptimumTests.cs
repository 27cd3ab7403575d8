using RobotRl.Benchmarks.Simulation;

namespace RobotRl.Runtime.Tests.Benchmarks;

public sealed class PendulumOptimumTests
{
    [Fact]
    public void Solve_CoarseGrid_IsNearTheOptimumAndItsPolicyEarnsIt()
    {
        PendulumOptimum optimum = PendulumOptimum.Solve(angles: 120, speeds: 121, torques: 11);
        double value = optimum.MeanValue(200),
            earned = optimum.MeanReturn(200, torques: 41);

        // The fine grid has -137.5; a coarse one errs by a few.
        Assert.InRange(value, -150, -130);
        Assert.InRange(earned, -145, -136);
    }
}
