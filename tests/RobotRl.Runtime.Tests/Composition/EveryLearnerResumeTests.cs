using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Policies;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Tests.Learning;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>Resuming bit for bit in lockstep, for every learner that the options can name, with normalisation where it has it.</summary>
public sealed class EveryLearnerResumeTests : IDisposable
{
    private readonly SessionRig _rig = new();

    public static TheoryData<string, bool> All => SmallLearners.All;

    public void Dispose() => _rig.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public void Resume_AbandonedInTheMiddle_EndsAsUninterrupted(string algorithm, bool discrete)
    {
        RobotRlOptions options = SessionRig.Sac(o =>
        {
            (o.Robot.Name, o.Checkpoint.EverySteps, o.Run.Steps) = (discrete ? "cart-pole" : "pendulum", 37, 450);
            SmallLearners.Shrink(o.Learner, algorithm);
        });
        _rig.Run(options, "whole");

        // In the pendulum's second episode: who learns from whole ones has learned from the first.
        _rig.Abandon(options, "cut", 330);
        Assert.Equal(RunEnd.Done, _rig.Run(options, "cut", resume: true).End);
        Assert.Equal(_rig.State("whole"), _rig.State("cut"));
        Assert.True(_rig.Headers("whole").Select(h => h.PolicyVersion).Distinct().Count() > 1);
    }

    [Theory]
    [InlineData("ppo")]
    [InlineData("a2c")]
    [InlineData("npg")]
    [InlineData("trpo")]
    [InlineData("reinforce")]
    [InlineData("batch-actor-critic")]
    public void Run_WithNormalisedObservations_PutsTheirStatisticsIntoCheckpointAndPolicyFile(string algorithm)
    {
        RobotRlOptions options = SessionRig.Sac(o =>
        {
            (o.Robot.Name, o.Run.Steps) = ("cart-pole", 300);
            SmallLearners.Shrink(o.Learner, algorithm);
        });
        _rig.Run(options, "run");
        PolicyFile file = PolicyFile.Load(RunDirectory.Open(_rig.In("run")).PolicyPath);
        double[] mean = new double[file.Block.NormaliserMean.Length],
            squares = new double[mean.Length];
        _rig.Newest("run").State.Read("observation/mean", mean);
        _rig.Newest("run").State.Read("observation/squares", squares);
        long count = _rig.Newest("run").State.ReadInt64("observation/count");
        Assert.InRange(count, SmallLearners.Rollout, 300);
        Assert.True(file.Block.Normalise);
        for (int i = 0; i < mean.Length; i++)
        {
            Assert.NotEqual(0, mean[i]);
            Assert.Equal(mean[i], file.Block.NormaliserMean[i], 1e-6 * (1 + Math.Abs(mean[i])));
            double scale = 1 / Math.Sqrt((squares[i] / (count - 1)) + 1e-8);
            Assert.Equal(scale, file.Block.NormaliserScale[i], 1e-5 * scale);
        }
    }
}
