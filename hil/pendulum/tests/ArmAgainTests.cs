using RobotRl.Runtime.Control;

namespace RobotRl.Hil.Pendulum.Tests;

/// <summary>After a stop whose cause is gone the operator arms again, in the same run, and it goes on.</summary>
public sealed class ArmAgainTests : RigTest
{
    private const int Some = 40;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40),
        Frozen = TimeSpan.FromMilliseconds(600);

    public static TheoryData<string> Faults { get; } = [.. Injections.Keys];

    private static Dictionary<string, Action<PendulumRig, RobotRlProcess>> Injections =>
        new()
        {
            // The firmware's own command timeout, which it latches.
            ["frozen"] = (_, robotrl) =>
            {
                robotrl.Freeze();
                Thread.Sleep(Frozen);
                robotrl.Thaw();
            },

            // It starts anew and has no reference for its position until the arm hangs still.
            ["brown-out"] = (rig, _) => rig.Control.BrownOut(TimeSpan.FromMilliseconds(20)),
            ["supply"] = (rig, _) =>
            {
                rig.Control.SwitchSupply(false);
                Waiting.Until(() => !rig.Control.Status().Enabled, Limit);
                rig.Control.SwitchSupply(true);
            },
            ["unplugged"] = (rig, _) =>
            {
                rig.Control.Unplug();
                Thread.Sleep(Frozen);
                rig.Control.Plug();
            },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Arm_AfterAStop_TheRunGoesOn(string fault)
    {
        RobotRlProcess robotrl = Own(RobotRlProcess.Start(Rig, null, ["Learner:Sac:LearningStarts=100000"]));
        Arm(robotrl);
        long before = Commanded(robotrl, 0);
        Injections[fault](Rig, robotrl);
        Assert.True(Waiting.Until(() => !Rig.Control.Status().Enabled, Limit), "The motor still runs.");
        Assert.True(
            Waiting.Until(() => robotrl.HasExited || robotrl.Ask(ControlCommand.Status).Status is { Armed: false }, Limit),
            Words(robotrl)
        );
        Arm(robotrl);
        Commanded(robotrl, before);
    }

    private static string Words(RobotRlProcess robotrl) =>
        string.Join(" / ", robotrl.Lines.Where(l => !l.StartsWith("training", StringComparison.Ordinal)).TakeLast(12));

    private static void Arm(RobotRlProcess robotrl)
    {
        string? refusal = robotrl.TryArm(Limit);
        Assert.True(refusal is null, $"{refusal} / {Words(robotrl)}");
    }

    private long Commanded(RobotRlProcess robotrl, long before)
    {
        Assert.True(Waiting.Until(() => Rig.Control.Status() is { Enabled: true } s && s.Commands > before + Some, Limit), Words(robotrl));
        return Rig.Control.Status().Commands;
    }
}
