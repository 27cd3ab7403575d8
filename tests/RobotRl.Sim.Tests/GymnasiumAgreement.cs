using RobotRl.Hardware.Contracts;
using RobotRl.Reference;

namespace RobotRl.Sim.Tests;

/// <summary>Drives a robot through the steps that Gymnasium recorded.</summary>
internal static class GymnasiumAgreement
{
    /// <summary>Every step on its own: teleport to the state before, act, compare.</summary>
    public static void CheckSteps(ILockstepRobot robot, string task, Func<double, double> toCommand, double tolerance)
    {
        Power(robot);
        foreach (GymnasiumStep step in GymnasiumReference.Steps(task, robot.PhysicalStateSize))
        {
            robot.Teleport(step.Before);
            Compare(robot, step, toCommand, tolerance);
        }
    }

    /// <summary>Whole episodes up to some step: only the first state is given, so errors may add up.</summary>
    public static void CheckEpisodes(
        ILockstepRobot robot,
        string task,
        Func<double, double> toCommand,
        double tolerance,
        int maxSteps = int.MaxValue
    )
    {
        Power(robot);
        foreach (GymnasiumStep step in GymnasiumReference.Steps(task, robot.PhysicalStateSize).Where(s => s.Step < maxSteps))
        {
            if (step.Step == 0)
            {
                robot.Teleport(step.Before);
            }

            Compare(robot, step, toCommand, tolerance);
        }
    }

    private static void Power(ILockstepRobot robot)
    {
        robot.Open();
        robot.PowerOn();
    }

    private static void Compare(ILockstepRobot robot, GymnasiumStep step, Func<double, double> toCommand, double tolerance)
    {
        double[] state = new double[robot.PhysicalStateSize];
        Assert.Equal(IoStatus.Ok, robot.Write([toCommand(step.Action)]).Status);
        robot.Advance();
        Assert.Equal(IoStatus.Ok, robot.Read(state).Status);
        for (int i = 0; i < state.Length; i++)
        {
            Assert.True(
                Math.Abs(state[i] - step.After[i]) <= tolerance,
                $"{step.Task} episode {step.Episode} step {step.Step}: state {i} is {state[i]:R}, Gymnasium has {step.After[i]:R}"
            );
        }
    }
}
