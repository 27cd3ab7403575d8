using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Commands;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Tasks;
using RobotRl.Runtime.Tests.Loops;

namespace RobotRl.Runtime.Tests.Commands;

/// <summary>One period: a task's speed is what its option says, at whatever rate the loop runs.</summary>
public sealed class LoopPeriodTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(100)]
    [InlineData(200)]
    [InlineData(1000)]
    public void Reach_UnderAnyRate_MovesTheCommandAtItsSpeed(double rateHz)
    {
        const double speed = 0.75;
        var options = new RobotRlOptions
        {
            Robot = { Name = "arm" },
            Task = { Name = ReachTask.TaskName, Reach = { Speed = speed } },
            Loop = { RateHz = rateHz },
        };
        var (robots, tasks) = (new RobotCatalogue(), new TaskCatalogue());
        robots.Add("arm", () => new ScriptedRobot());
        tasks.Add(ReachTask.TaskName, (robot, section) => ControlTasks.Create(ReachTask.TaskName, robot, section));
        using var nowhere = new StringWriter();
        var planner = new RunPlanner(
            new CommandContext(
                robots,
                tasks,
                new RunSessionFactory(TimeProvider.System),
                nowhere,
                nowhere,
                new Dictionary<string, string>()
            )
        );
        RobotDescription arm = new ScriptedRobot().Description;

        foreach (
            IControlTask task in (IControlTask[])[planner.Resolve(options, learns: false), planner.TaskFor(options, learns: false)(arm)]
        )
        {
            double[] before = [0],
                command = [0];
            int ticks = (int)Math.Round(TimeSpan.FromSeconds(1) / options.Loop.PeriodOn(arm));
            for (int i = 0; i < ticks; i++)
            {
                task.ToCommand([1f], before, command);
                before[0] = command[0];
            }

            Assert.Equal(speed, command[0], 1e-6);
            Assert.Equal(speed, task.ActingValues["Task:Reach:Speed"]);
        }
    }
}
