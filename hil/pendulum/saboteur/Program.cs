// robotrl with a task and a learner that fail on cue, for scenarios that no option can bring about:
//   ROBOTRL_SABOTAGE=nan@200 dotnet run --project hil/pendulum/saboteur -- train FILE
using RobotRl.Hil.Saboteur;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Tasks;

Sabotage sabotage = Sabotage.FromEnvironment();
RobotRlHostBuilder builder = RobotRlHost.CreateBuilder(args).WrapLearner(learner => new SabotagedLearner(learner, sabotage));
foreach (string task in ControlTasks.Names)
{
    builder.AddTask(task, (robot, options) => new SabotagedTask(ControlTasks.Create(task, robot, options), sabotage, robot.ControlPeriod));
}

return builder.Build().Run();
