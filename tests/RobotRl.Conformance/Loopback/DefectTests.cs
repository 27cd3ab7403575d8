using System.Reflection;
using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Conformance.Loopback;

/// <summary>The suite is worth something only where a broken robot fails it.</summary>
public sealed class DefectTests
{
    public static TheoryData<LoopbackDefect> Defects => [.. Enum.GetValues<LoopbackDefect>()];

    [Theory]
    [MemberData(nameof(Defects))]
    public void Suite_BrokenRobot_Fails(LoopbackDefect defect)
    {
        List<string> failed = [];
        foreach (MethodInfo test in typeof(Broken).GetMethods().Where(m => m.GetCustomAttribute<FactAttribute>() is not null))
        {
            object?[][] rows = [.. test.GetCustomAttributes<InlineDataAttribute>().Select(a => a.Data)];
            foreach (
                object?[] row in rows.Length > 0
                    ? rows
                    :
                    [
                        [],
                    ]
            )
            {
                using var suite = new Broken(defect);
                try
                {
                    test.Invoke(suite, row);
                }
                catch (TargetInvocationException)
                {
                    failed.Add(test.Name);
                }
            }
        }

        Assert.Equal(defect == LoopbackDefect.None, failed.Count == 0);
    }

#pragma warning disable xUnit1000 // Run by reflection above, not by the runner.
    private sealed class Broken(LoopbackDefect defect) : LockstepConformance
#pragma warning restore xUnit1000
    {
        protected override IRobot Create() => new LoopbackRobot(defect);
    }
}
