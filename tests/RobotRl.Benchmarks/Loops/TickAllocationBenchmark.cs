using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;

namespace RobotRl.Benchmarks.Loops;

/// <summary>Bytes that the control thread allocates over 100,000 ticks in real time, with every failsafe action taken once.</summary>
internal sealed class TickAllocationBenchmark : IBenchmark
{
    private const int Ticks = 100_000;

    public string Name => "tick-allocation";

    public string Summary => "bytes allocated by 100,000 control ticks at 1 kHz with the learner running, every failsafe action included";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        using var rig = new LoopRig(budgetMiB: 2048);
        rig.Start(log);
        long allocated = rig.Control.AllocatedBytes,
            ticks = rig.Loop.Status.Ticks,
            steps = rig.Loop.Status.Steps,
            updates = rig.Updates;
        var seen = new HashSet<FailsafeAction>();

        // Faults come through the same doors as in the product: disk, budget, operator, emergency stop.
        Take(FailsafeAction.FreezeLearning, () => rig.Supervisor.ReportDisk(true), () => rig.Supervisor.ReportDisk(false));
        Take(FailsafeAction.Hold, () => rig.Supervisor.ReportBudget(true), () => rig.Supervisor.ReportBudget(false));
        rig.Loop.Demanded = FailsafeAction.FallbackPolicy;
        seen.Add(FailsafeAction.FallbackPolicy);
        Take(FailsafeAction.ControlledStop, () => rig.Supervisor.RequestOperatorStop(), () => { });
        rig.Supervise(TimeSpan.FromSeconds(3));
        rig.Arm();
        Take(FailsafeAction.PowerOff, () => rig.Supervisor.RequestEmergencyStop(), () => { });
        rig.Supervise(TimeSpan.FromSeconds(0.5));
        rig.Arm();
        while (rig.Loop.Status.Ticks - ticks < Ticks)
        {
            rig.Supervise(TimeSpan.FromSeconds(1), d => seen.Add(d.Action));
        }

        long bytes = rig.Control.AllocatedBytes - allocated;
        log.WriteLine(
            $"{rig.Loop.Status.Ticks - ticks} ticks, {rig.Loop.Status.Steps - steps} transitions, {rig.Updates - updates} "
                + $"updates, failsafe actions taken: {string.Join(", ", seen.Order())}"
        );
        log.WriteLine($"collections while the robot moved: {rig.Collections}; budget left {rig.BudgetLeft >> 20} MiB of 2048");
        bool every = Enum.GetValues<FailsafeAction>().All(seen.Contains);
        return new BenchmarkResult(
            Name,
            bytes,
            "bytes",
            null,
            null,
            null,
            "0 bytes, every failsafe action taken",
            bytes == 0 && every && rig.Updates > updates
        );

        void Take(FailsafeAction action, Action cause, Action clear)
        {
            cause();
            rig.Supervise(TimeSpan.FromSeconds(0.3), d => seen.Add(d.Action));
            clear();
            rig.Supervise(TimeSpan.FromSeconds(0.3), d => seen.Add(d.Action));
            if (!seen.Contains(action))
            {
                throw new InvalidOperationException($"The failsafe did not ask for {action}.");
            }
        }
    }
}
