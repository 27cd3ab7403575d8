using RobotRl.Runtime.Loops;

namespace RobotRl.Benchmarks.Devices;

/// <summary>Bytes that the control thread allocates while it drives a serial device.</summary>
internal sealed class SerialTickAllocationBenchmark : IBenchmark
{
    public string Name => "tick-allocation-serial";

    public string Summary =>
        "bytes allocated by control ticks at 200 Hz on a servo bus behind a serial port, 1% of its replies lost [--seconds N, default 60]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        TimeSpan duration = TimeSpan.FromSeconds(ServoBusBenchmark.Seconds(arguments));
        using var rig = new ServoBusRig(patient: true, "lost 0.01");
        bool started = rig.TryStart(log);
        long before = rig.Control.AllocatedBytes,
            ticks = rig.Status.Ticks,
            steps = rig.Status.Steps,
            all = GC.GetTotalAllocatedBytes();
        rig.Supervise(duration);
        long bytes = rig.Control.AllocatedBytes - before,
            count = rig.Status.Ticks - ticks;
        bool ran = started && rig.Status.Stage == LoopStage.Running;
        log.WriteLine(
            $"{count} ticks, {rig.Status.Steps - steps} transitions, {rig.Counters.MissedReplies} cycles without a whole "
                + $"reading; whole process {GC.GetTotalAllocatedBytes() - all} bytes"
        );
        if (!ran)
        {
            log.WriteLine(rig.Condition);
        }

        return new BenchmarkResult(Name, bytes, "bytes", null, null, null, "0 bytes", ran && bytes == 0 && count > 0);
    }
}
