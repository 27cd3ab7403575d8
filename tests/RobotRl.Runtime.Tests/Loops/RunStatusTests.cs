using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Tests.Loops;

public sealed class RunStatusTests
{
    [Theory]
    [InlineData(DeviceState.Powered, StopLevel.None, false, false)]
    [InlineData(DeviceState.Powered, StopLevel.ControlledStop, true, false)]
    [InlineData(DeviceState.Readable, StopLevel.None, false, false)]
    [InlineData(DeviceState.Readable, StopLevel.Hold, true, false)]
    [InlineData(DeviceState.Faulted, StopLevel.ControlledStop, false, false)]
    [InlineData(DeviceState.Faulted, StopLevel.PowerOff, true, true)]
    [InlineData(DeviceState.Closed, StopLevel.None, false, true)]
    [InlineData(DeviceState.Closed, StopLevel.PowerOff, false, false)]
    [InlineData(DeviceState.Closed, StopLevel.PowerOff, true, true)]
    public void StopConfirmed_IsWhatReadBackSays(DeviceState state, StopLevel requested, bool confirmed, bool expected)
    {
        var status = new RunStatus("arm", "reach", state, false, [], new RunProgress())
        {
            Stop = new StopStatus(requested, confirmed, TimeSpan.Zero),
        };
        Assert.Equal(expected, status.StopConfirmed);
    }
}
