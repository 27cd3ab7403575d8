using System.Text.Json.Nodes;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Tests.Learning;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>What happened in a run stands in its directory once it has ended.</summary>
public sealed class RunEventsTests : IDisposable
{
    private readonly SessionRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Run_ArmedAndStopped_LeavesBothWithTheFailsafeAndTheEnd()
    {
        RobotRlOptions options = SessionRig.RealTime(0, o => o.Loop.AutoArm = false);
        using (RunSession session = _rig.Open(options, "run", new ScriptedLearner(3)))
        {
            bool stopped = false;
            session.Run(
                new SessionRig.Told(p =>
                {
                    if (session.Status().State == DeviceState.Readable && !stopped)
                    {
                        session.TryArm(); // Refused until there is a first reading.
                    }
                    else if (p.Step >= 5 && !stopped)
                    {
                        stopped = true;
                        session.RequestStop(StopLevel.PowerOff, "enough");
                    }
                })
            );
        }

        JsonNode[] events = [.. File.ReadAllLines(Path.Combine(_rig.In("run"), "log.jsonl")).Select(l => JsonNode.Parse(l)!)];
        Assert.Equal("run", Kind(events[0]));
        Assert.Contains(events, e => Kind(e) == "arm" && !(bool)e["refused"]!);
        Assert.Contains(events, e => Kind(e) == "stop" && (string?)e["reason"] == "enough" && (string?)e["stopLevel"] == "PowerOff");
        Assert.Contains(events, e => Kind(e) == "failsafe" && (string?)e["cause"] == "EmergencyStop" && (string?)e["action"] == "PowerOff");
        Assert.Contains(events, e => Kind(e) == "stop" && (bool?)e["confirmed"] == true);
        Assert.Contains(events, e => Kind(e) == "robot" && (string?)e["state"] == "Powered");
        Assert.Equal("Failsafe", (string?)Assert.Single(events, e => Kind(e) == "run" && e["end"] is not null)["end"]);
    }

    private static string Kind(JsonNode line) => (string)line["kind"]!;
}
