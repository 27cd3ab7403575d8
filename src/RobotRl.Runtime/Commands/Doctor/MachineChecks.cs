using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using RobotRl.Hardware.Timing;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Timing;

namespace RobotRl.Runtime.Commands.Doctor;

/// <summary>What the machine and its permissions give a control loop.</summary>
internal static class MachineChecks
{
    private const int TimerSamples = 200;
    private const long SamplePeriodNs = 1_000_000;
    private const long AcceptableLatenessNs = 500_000;

    public static IEnumerable<CheckResult> All(LoopOptions loop)
    {
        yield return new CheckResult(
            "runtime",
            CheckState.Ok,
            $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}"
        );
        yield return Processor();
        (CheckResult scheduling, CheckResult affinity, CheckResult timer) = OnControlThread(loop);
        yield return scheduling;
        yield return affinity;
        yield return timer;
        yield return Governor();
        yield return LockedMemory();
        yield return Budget(loop);
    }

    private static CheckResult Processor()
    {
        string[] features =
        [
            .. Feature(Vector512.IsHardwareAccelerated, "512-bit vectors"),
            .. Feature(Avx2.IsSupported, "AVX2"),
            .. Feature(Fma.IsSupported, "FMA"),
            .. Feature(AdvSimd.IsSupported, "NEON"),
        ];
        bool quick = (Avx2.IsSupported && Fma.IsSupported) || AdvSimd.IsSupported;
        string detail = string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} processors, {(features.Length == 0 ? "no vector unit in use" : string.Join(", ", features))}"
        );
        return new CheckResult(
            "processor",
            quick ? CheckState.Ok : CheckState.Advice,
            detail,
            quick ? null : "Policies and managed learners run much slower without AVX2 and FMA, or NEON."
        );
    }

    private static IEnumerable<string> Feature(bool there, string name) => there ? [name] : [];

    /// <summary>Scheduling, affinity and lateness on a thread like the control thread.</summary>
    private static (CheckResult Scheduling, CheckResult Affinity, CheckResult Timer) OnControlThread(LoopOptions loop)
    {
        string? fifo = null,
            pinned = null;
        long[] lateness = new long[TimerSamples];
        var thread = new Thread(() =>
        {
            fifo = loop.FifoPriority > 0 ? RealTimeScheduling.TryUseFifo(loop.FifoPriority) : "";
            pinned = loop.Processors != 0 ? RealTimeScheduling.TryUseProcessors(loop.Processors) : "";
            long deadline = MonotonicClock.NowNs + SamplePeriodNs;
            for (int i = 0; i < TimerSamples; i++, deadline += SamplePeriodNs)
            {
                MonotonicClock.SleepUntil(deadline);
                lateness[i] = MonotonicClock.NowNs - deadline;
            }
        });
        thread.Start();
        thread.Join();
        Array.Sort(lateness);
        CheckResult scheduling = fifo switch
        {
            null => new CheckResult("scheduling", CheckState.Ok, $"SCHED_FIFO priority {loop.FifoPriority} is permitted"),
            "" => new CheckResult("scheduling", CheckState.Ok, "normal priority, as Loop:FifoPriority=0 says"),
            _ => new CheckResult(
                "scheduling",
                CheckState.Advice,
                fifo,
                "Give the user LimitRTPRIO=90 (deploy/robotrl.service), or rtprio in /etc/security/limits.conf."
            ),
        };
        CheckResult affinity = pinned switch
        {
            null => new CheckResult("affinity", CheckState.Ok, $"the control thread may be tied to processors 0x{loop.Processors:x}"),
            "" => new CheckResult("affinity", CheckState.Ok, "the scheduler chooses; Loop:Processors ties the control thread to some"),
            _ => new CheckResult("affinity", CheckState.Missing, pinned, "Correct Loop:Processors."),
        };
        bool prompt = lateness[TimerSamples * 99 / 100] < AcceptableLatenessNs;
        string timerDetail = string.Create(
            CultureInfo.InvariantCulture,
            $"{TimerSamples} waits of 1 ms end late by {lateness[TimerSamples / 2] / 1000} us (p50), "
                + $"{lateness[TimerSamples * 99 / 100] / 1000} us (p99), {lateness[^1] / 1000} us (most)"
        );
        return (
            scheduling,
            affinity,
            new CheckResult(
                "timer",
                prompt ? CheckState.Ok : CheckState.Advice,
                timerDetail,
                prompt ? null : "Permit SCHED_FIFO, take load off the machine, or use a PREEMPT_RT kernel."
            )
        );
    }

    private static CheckResult Governor()
    {
        const string file = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor";
        if (!File.Exists(file))
        {
            return new CheckResult("clock rate", CheckState.Ok, "the kernel governs no clock rate here");
        }

        string governor = File.ReadAllText(file).Trim();
        bool steady = governor == "performance";
        return new CheckResult(
            "clock rate",
            steady ? CheckState.Ok : CheckState.Advice,
            $"governor {governor}",
            steady ? null : "For the least lateness: cpupower frequency-set -g performance."
        );
    }

    private static CheckResult LockedMemory()
    {
        const string file = "/proc/self/limits",
            name = "Max locked memory";
        string? line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal)) : null;
        string limit = line is null
            ? "unknown"
            : string.Join(' ', line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(1));
        return new CheckResult("locked memory", CheckState.Ok, $"limit {limit} bytes; the loop does not need any");
    }

    private static CheckResult Budget(LoopOptions loop)
    {
        if (loop.AllocationBudgetMiB == 0)
        {
            return new CheckResult(
                "memory budget",
                CheckState.Advice,
                "none (Loop:AllocationBudgetMiB=0)",
                "A collection stops the control thread for tens of milliseconds: hold a budget while the robot moves."
            );
        }

        using var budget = new AllocationBudget((long)loop.AllocationBudgetMiB << 20);
        return budget.Renew() is { } refused
            ? new CheckResult("memory budget", CheckState.Missing, refused, "Lower Loop:AllocationBudgetMiB.")
            : new CheckResult("memory budget", CheckState.Ok, $"{loop.AllocationBudgetMiB} MiB without a collection are granted");
    }
}
