using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;

namespace RobotRl.Hardware.Tests.Devices;

/// <summary>
/// Every order of clearing, powering and stopping, three in a row, from every state: what is said of a stop is what the device
/// read back.
/// </summary>
public sealed class StopTableTests
{
    private static readonly string[] s_steps =
    [
        "clear",
        "power on",
        "power off",
        "hold",
        "stop",
        "cut",
        "device fault",
        "device well",
        "pass",
    ];

    /// <summary>How the device stands before; whether it confirms that it is without power.</summary>
    public static TheoryData<string, bool> States()
    {
        var data = new TheoryData<string, bool>();
        foreach (string state in (string[])["closed", "readable", "powered", "held", "stopping", "stopped", "cut", "fault", "away"])
        {
            data.Add(state, true);
            data.Add(state, false);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(States))]
    public void EverySequence_SaysOfTheStopWhatWasReadBack(string state, bool confirms)
    {
        foreach (string first in s_steps)
        {
            foreach (string second in s_steps)
            {
                foreach (string third in s_steps)
                {
                    using var rig = new DriverRig();
                    Bring(rig, state);
                    rig.Device.SilentPowerOffs = confirms ? 0 : 12;
                    string walked = $"{state}, {(confirms ? "confirming" : "silent")}:";
                    foreach (string step in (string[])[first, second, third])
                    {
                        walked += $" {step}";
                        Do(rig, step);
                        Check(rig, walked);
                    }

                    rig.Device.SilentPowerOffs = 0;
                    EndsWell(rig, walked);
                }
            }
        }
    }

    /// <summary>What is said must be so at every moment.</summary>
    private static void Check(DriverRig rig, string walked)
    {
        StopStatus stop = rig.Driver.Stop;
        bool confirmed = stop is { Requested: >= StopLevel.ControlledStop, Confirmed: true };
        Assert.False(confirmed && rig.Device.Powered, $"{walked}: confirmed, but under power");
        Assert.False(rig.Driver.State == DeviceState.Readable && rig.Device.Powered, $"{walked}: readable, but under power");
        Assert.False(rig.Driver.State == DeviceState.Powered && !rig.Device.Powered, $"{walked}: powered, but without power");
        Assert.False(confirmed && rig.Driver.State == DeviceState.Powered, $"{walked}: stopped, but powered");
    }

    /// <summary>
    /// Once the device answers, an order to stop is confirmed, a fault cleared without power is no alarm, and it can be powered
    /// again.
    /// </summary>
    private static void EndsWell(DriverRig rig, string walked)
    {
        (rig.Device.Fault, rig.Device.Answer, rig.Device.Away) = (null, IoStatus.Ok, false);
        if (rig.Driver.State == DeviceState.Closed)
        {
            rig.Driver.Open();
        }

        if (!rig.Device.Connected)
        {
            // To connect again takes real time: closed and opened it is there at once.
            rig.Driver.Close();
            rig.Driver.Open();
        }

        for (int round = 0; round < 2; round++)
        {
            rig.Driver.RequestStop(StopLevel.PowerOff, "test");
            rig.Pass(30);
            Check(rig, walked);
            Assert.True(
                (rig.Driver.State, rig.Driver.Stop.Requested, rig.Driver.Stop.Confirmed) == (DeviceState.Faulted, StopLevel.PowerOff, true),
                $"{walked}: an order to stop ends {rig.Driver.State}, {rig.Driver.Stop}"
            );

            // As a refused arming does: cleared, and not powered.
            rig.Driver.ClearFault();
            rig.Pass(30);
            Assert.True(
                (rig.Driver.State, rig.Driver.Stop) == (DeviceState.Readable, default(StopStatus)),
                $"{walked}: cleared, {rig.Driver.State}, {rig.Driver.Stop}"
            );
        }

        rig.Driver.PowerOn();
        rig.Pass(1);
        Check(rig, walked);
        Assert.True(rig.Driver.State == DeviceState.Powered, $"{walked}: cannot be powered again");
    }

    private static void Bring(DriverRig rig, string state)
    {
        if (state == "closed")
        {
            return;
        }

        rig.Driver.Open();
        if (state == "readable")
        {
            return;
        }

        rig.Driver.PowerOn();
        rig.Driver.Write([0, 1, 0]);
        rig.Pass(1);
        switch (state)
        {
            case "held":
                Do(rig, "hold");
                break;
            case "stopping":
                rig.Driver.RequestStop(StopLevel.ControlledStop, "test");
                break;
            case "stopped":
                rig.Driver.RequestStop(StopLevel.ControlledStop, "test");
                rig.Pass(300);
                break;
            case "cut":
                Do(rig, "cut");
                break;
            case "fault":
                Do(rig, "device fault");
                break;
            case "away":
                (rig.Device.Away, rig.Device.Answer) = (true, IoStatus.LinkLost);
                rig.Pass(2);
                break;
        }
    }

    private static void Do(DriverRig rig, string step)
    {
        try
        {
            switch (step)
            {
                case "clear":
                    rig.Driver.ClearFault();
                    break;
                case "power on":
                    rig.Driver.PowerOn();
                    break;
                case "power off":
                    rig.Driver.PowerOff();
                    break;
                case "hold":
                    rig.Driver.RequestStop(StopLevel.Hold, "test");
                    rig.Pass(1);
                    break;
                case "stop":
                    rig.Driver.RequestStop(StopLevel.ControlledStop, "test");
                    rig.Pass(1);
                    break;
                case "cut":
                    rig.Driver.RequestStop(StopLevel.PowerOff, "test");
                    rig.Pass(1);
                    break;
                case "device fault":
                    (rig.Device.Fault, rig.Device.Answer) = ("hot", IoStatus.DeviceFault);
                    rig.Pass(1);
                    break;
                case "device well":
                    (rig.Device.Fault, rig.Device.Answer) = (null, IoStatus.Ok);
                    rig.Pass(1);
                    break;
                default:
                    rig.Pass(3);
                    break;
            }
        }
        catch (RobotException)
        {
            // Refused, which leaves things as they were: Check sees to that.
        }
    }
}
