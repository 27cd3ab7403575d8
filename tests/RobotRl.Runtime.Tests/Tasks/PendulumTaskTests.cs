using RobotRl.Algorithms.Randomness;
using RobotRl.Reference;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Tests.Tasks;

public sealed class PendulumTaskTests
{
    private readonly PendulumTask _task = new();

    [Fact]
    public void Reward_GymnasiumSteps_Agrees()
    {
        foreach (GymnasiumStep step in GymnasiumReference.Steps("Pendulum-v1", 2))
        {
            Assert.Equal(step.Reward, _task.Reward(step.Before, [step.Action], step.After), 1e-13);
            Assert.Equal(step.Terminated, _task.IsTerminated(step.After));
            Assert.Equal(step.Truncated, step.Step + 1 == _task.MaxEpisodeSteps);
        }
    }

    [Fact]
    public void Observe_AnyAngle_IsCosineSineVelocity()
    {
        float[] observation = new float[_task.ObservationNames.Length];
        _task.Observe([2.5, -3], [0], observation);
        Assert.Equal([(float)Math.Cos(2.5), (float)Math.Sin(2.5), -3f], observation);
    }

    [Theory]
    [InlineData(-1f, -2)]
    [InlineData(0.25f, 0.5)]
    [InlineData(1f, 2)]
    public void ToCommand_AndBack_ScalesByTheTorqueLimit(float action, double torque)
    {
        double[] command = new double[1];
        float[] back = new float[1];
        _task.ToCommand([action], [0], command);
        _task.ToAction(command, [0], back);
        Assert.Equal((torque, action), (command[0], back[0]));
    }

    [Fact]
    public void DrawStart_ManyDraws_CoverTheResetBoxAndNoMore()
    {
        var random = new CounterRandom(5, RandomPurpose.Reset);
        double[] start = new double[2],
            low = [9, 9],
            high = [-9, -9];
        for (int i = 0; i < 10_000; i++)
        {
            _task.DrawStart(random, start);
            for (int k = 0; k < 2; k++)
            {
                (low[k], high[k]) = (Math.Min(low[k], start[k]), Math.Max(high[k], start[k]));
            }
        }

        Assert.InRange(low[0], -Math.PI, -Math.PI + 0.01);
        Assert.InRange(high[0], Math.PI - 0.01, Math.PI);
        Assert.InRange(low[1], -1, -0.998);
        Assert.InRange(high[1], 0.998, 1);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(997)]
    [InlineData(1000)]
    public void SpreadStart_AnyCount_FillsTheBoxEvenly(int count)
    {
        double[] start = new double[2];
        int[] cells = new int[4];
        double mean = 0;
        for (int i = 0; i < count; i++)
        {
            _task.SpreadStart(i, count, start);
            Assert.InRange(start[0], -Math.PI, Math.PI);
            Assert.InRange(start[1], -1, 1);
            cells[(start[0] < 0 ? 0 : 2) + (start[1] < 0 ? 0 : 1)]++;
            mean += start[1] / count;
        }

        Assert.All(cells, c => Assert.InRange(c, (count / 4) - 2, (count / 4) + 3));
        Assert.InRange(mean, -0.5 / Math.Sqrt(count), 0.5 / Math.Sqrt(count));
    }
}
