using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;
using RobotRl.Runtime.Tests.Commands;

namespace RobotRl.Runtime.Tests.Devices;

/// <summary>
/// The real guardian process, at an emulated bus on a pseudo-terminal, beside a runtime process that swings six servos and is
/// killed, stopped, or ended. Each measures the time from its end to the first sign of the stop at the last servo.
/// </summary>
[Collection(AloneGroup.Name)]
public sealed class FeetechGuardianTests : IDisposable
{
    private const int Servos = 6,
        Runs = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // The heartbeat's timeout, and what a busy machine with two cores may keep the guardian waiting.
    private static readonly TimeSpan Timeout = new FeetechGuardianOptions().HeartbeatTimeout,
        Allowance = TimeSpan.FromMilliseconds(400);

    private readonly ITestOutputHelper _output;
    private readonly ChildProcess _child = new("RobotRl.ServoBusRuntime");
    private readonly PseudoTerminal _terminal = new();
    private readonly StallingTransport _line;
    private readonly FeetechBusEmulator _bus;
    private readonly ConcurrentQueue<(double Goal, double Position)> _goals = new();
    private Process? _runtime;

    public FeetechGuardianTests(ITestOutputHelper output)
    {
        _output = output;
        _line = new(_terminal);
        _bus = new(_line, Servos, TimeProvider.System);
        _line.Heard = Note;
        foreach (EmulatedServo servo in _bus.Servos)
        {
            _bus.Servo(servo.Id).Preset(FeetechTable.TorqueEnable, 0);
        }

        _bus.Start();
    }

    public void Dispose()
    {
        if (_runtime is { HasExited: false } runtime)
        {
            runtime.Kill();
        }

        _bus.Dispose();
        _terminal.Dispose();
        _child.Dispose();
    }

    [Fact]
    public async Task SigKill_LowerTorque_EveryServoIsHeldAndTheNextRuntimeMayCome()
    {
        for (int run = 0; run < Runs; run++)
        {
            await DriveAsync(GuardianManner.LowerTorque);
            Assert.All(_bus.Servos, s => Assert.Equal(1, s.TorqueLimit));
            long killed = MonotonicClock.NowNs;
            _runtime!.Kill();
            Assert.InRange(Measure("SIGKILL", killed, s => s.TorqueLimit < 0.5), TimeSpan.Zero, Timeout + Allowance);
            Assert.True(Until(s => Math.Abs(s.VelocityRadPerSecond) < 0.05), "a servo still moves");
            Assert.All(_bus.Servos, s => Assert.True(s.IsTorqueOn));
        }
    }

    [Fact]
    public async Task SigKill_TorqueOff_NoServoCarriesPower()
    {
        await DriveAsync(GuardianManner.TorqueOff);
        long killed = MonotonicClock.NowNs;
        _runtime!.Kill();
        Assert.InRange(Measure("SIGKILL, torque off", killed, s => !s.IsTorqueOn), TimeSpan.Zero, Timeout + Allowance);
    }

    [Fact]
    public async Task SigStop_LowerTorque_EveryServoIsHeldAndTheRuntimeMovesNothingWhenItGoesOn()
    {
        for (int run = 0; run < Runs; run++)
        {
            await DriveAsync(GuardianManner.LowerTorque);
            long stopped = MonotonicClock.NowNs;
            await SignalAsync("-STOP");
            TimeSpan took = Measure("SIGSTOP", stopped, s => s.TorqueLimit < 0.5);
            Assert.InRange(took, TimeSpan.Zero, Timeout + Allowance);
            Assert.True(Until(s => Math.Abs(s.VelocityRadPerSecond) < 0.05), "a servo still moves");
            double[] held = [.. _bus.Servos.Select(s => s.PositionRad)];
            await SignalAsync("-CONT");
            string line = await LineAsync("fault:");
            _output.WriteLine(line);
            await _runtime!
                .WaitForExitAsync(TestContext.Current.CancellationToken)
                .WaitAsync(Patience, TestContext.Current.CancellationToken);
            Assert.Equal(3, _runtime.ExitCode);
            for (int i = 0; i < Servos; i++)
            {
                Assert.Equal(held[i], _bus.Servos[i].PositionRad, 0.05);
            }
        }
    }

    [Theory]
    [InlineData(200)]
    [InlineData(350)]
    public async Task SigKill_BusStandsStillMeanwhile_NoGoalDiffersFromTheTruePosition(int ms)
    {
        await DriveAsync(GuardianManner.LowerTorque);
        _line.StallUntilNs = MonotonicClock.NowNs + (ms * 1_000_000L);
        _goals.Clear();
        _runtime!.Kill();
        Measure($"SIGKILL, bus still for {ms} ms", MonotonicClock.NowNs, s => s.TorqueLimit < 0.5);
        await _runtime.WaitForExitAsync(TestContext.Current.CancellationToken);
        string report = await _runtime.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        _output.WriteLine(report);
        Assert.Contains("6 of 6 servos confirmed it", report, StringComparison.Ordinal);
        Assert.True(
            report.Contains("held: 6 of 6", StringComparison.Ordinal) || report.Contains("Not held: servo", StringComparison.Ordinal),
            report
        );

        // The runtime's own last goals (2.5 rad), which lay on the line too, are no hold.
        Assert.All(_goals, g =>
            Assert.True(
                Math.Abs(Math.Abs(g.Goal) - 2.5) < 0.01 || Math.Abs(g.Goal - g.Position) < 0.25,
                $"a servo at {g.Position:0.###} rad is told {g.Goal:0.###}"
            )
        );
    }

    [Fact]
    public async Task End_InOrder_TheGuardianDoesNothing()
    {
        await DriveAsync(GuardianManner.LowerTorque);
        _runtime!.StandardInput.Close();
        await LineAsync("ended in order");
        await _runtime.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(0, _runtime.ExitCode);
        Assert.All(_bus.Servos, s => Assert.Equal((1, false), (s.TorqueLimit, s.IsTorqueOn)));
        Assert.DoesNotContain(
            "Guardian of",
            await _runtime.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task GuardianKilled_WhileTheRuntimeDrives_TheRuntimeStops()
    {
        await DriveAsync(GuardianManner.LowerTorque);
        int guardian = GuardianOf(_runtime!.Id);
        using (Process process = Process.GetProcessById(guardian))
        {
            process.Kill();
        }

        await LineAsync("fault:");
        await _runtime.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(3, _runtime.ExitCode);
    }

    [Fact]
    public async Task Guardian_ThatIsNoProgram_IsOneClearError()
    {
        _runtime = _child.Start(redirectInput: true, _terminal.SlavePath, "/nowhere/robotrl", "2", "LowerTorque");
        string line = await LineAsync("error:");
        Assert.Contains("guardian /nowhere/robotrl could not be started", line, StringComparison.Ordinal);
        Assert.All(_bus.Servos, s => Assert.False(s.IsTorqueOn));
    }

    private async Task DriveAsync(GuardianManner manner)
    {
        _runtime = _child.Start(
            redirectInput: true,
            _terminal.SlavePath,
            Path.Combine(AppContext.BaseDirectory, "robotrl"),
            Servos.ToString(CultureInfo.InvariantCulture),
            manner.ToString()
        );
        await LineAsync("powered");
        bool moves = Until(s => Math.Abs(s.VelocityRadPerSecond) > 0.5);
        Assert.True(moves, $"not every servo moves: {string.Join("; ", _bus.Servos.Select(Describe))}");
    }

    private async Task<string> LineAsync(string text)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (await _runtime!.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }

            _output.WriteLine(line);
        }

        throw new InvalidOperationException($"it ended without \"{text}\": {await _runtime.StandardError.ReadToEndAsync(patience.Token)}");
    }

    private static string Describe(EmulatedServo servo) =>
        $"torque {servo.IsTorqueOn}, limit {servo.TorqueLimit}, {servo.PositionRad:F2} rad, {servo.VelocityRadPerSecond:F2} rad/s";

    private void Note(FeetechPacket packet)
    {
        if (packet.Instruction == FeetechInstruction.SyncWrite && packet.Parameters[0] == FeetechTable.GoalPosition.Address)
        {
            for (ReadOnlySpan<byte> rest = packet.Parameters[2..]; rest.Length >= 3; rest = rest[3..])
            {
                _goals.Enqueue((FeetechUnits.PositionRad(FeetechTable.GoalPosition.Decode(rest[1..])), _bus.Servo(rest[0]).PositionRad));
            }
        }
    }

    private async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", [signal, _runtime!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private TimeSpan Measure(string what, long sinceNs, Func<EmulatedServo, bool> stopped)
    {
        Assert.True(Until(stopped), "the guardian did not act");
        var took = TimeSpan.FromTicks((MonotonicClock.NowNs - sinceNs) / 100);
        _output.WriteLine($"{what}: all {Servos} servos stopped after {took.TotalMilliseconds:0.0} ms");
        return took;
    }

    private bool Until(Func<EmulatedServo, bool> all)
    {
        long end = MonotonicClock.NowNs + (Patience.Ticks * 100);
        while (!_bus.Servos.All(all))
        {
            if (MonotonicClock.NowNs > end)
            {
                return false;
            }

            MonotonicClock.SleepUntil(MonotonicClock.NowNs + 200_000);
        }

        return true;
    }

    private static int GuardianOf(int runtime)
    {
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out _)))
        {
            try
            {
                string[] stat = File.ReadAllText(Path.Combine(process, "stat")).Split(") ")[^1].Split(' ');
                if (int.Parse(stat[1], CultureInfo.InvariantCulture) == runtime)
                {
                    return int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture);
                }
            }
            catch (IOException)
            {
                // It has just ended.
            }
        }

        throw new InvalidOperationException("the runtime has no guardian");
    }
}
