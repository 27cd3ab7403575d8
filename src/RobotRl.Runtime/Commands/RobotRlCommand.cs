using System.CommandLine;
using RobotRl.Runtime.Commands.Emulate;
using RobotRl.Runtime.Composition;

namespace RobotRl.Runtime.Commands;

/// <summary>The command line. Without arguments it does the main job: train on the simulated pendulum.</summary>
internal sealed class RobotRlCommand : RootCommand
{
    public RobotRlCommand(CommandContext context)
        : base(
            "The runtime for robots that learn on their own hardware. Without a command: train SAC on the simulated pendulum "
                + "and evaluate it."
        )
    {
        Add(new TrainCommand(context));
        Add(new DeployCommand(context));
        Add(new EvalCommand(context));
        Add(new InspectCommand(context));
        Add(new ArmCommand(context));
        Add(new StopCommand(context));
        Add(new StatusCommand(context));
        Add(new OperatorCommand(context));
        Add(new ReadyCommand(context));
        Add(new DoctorCommand(context));
        Add(new BenchCommand(context));
        Add(new EmulateCommand(context));
        Add(new GuardCommand(context));
        Add(new CalibrateCommand(context));
        Add(new SchemaCommand(context));
        SetAction(_ => TrainCommand.Run(context, new OptionSources(null, [], context.Environment), resume: false));
    }
}
