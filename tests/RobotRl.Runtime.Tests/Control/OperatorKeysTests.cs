using Microsoft.Extensions.Logging.Abstractions;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Control;

namespace RobotRl.Runtime.Tests.Control;

public sealed class OperatorKeysTests
{
    [Theory]
    [InlineData(' ', StopLevel.PowerOff)]
    [InlineData('e', StopLevel.PowerOff)]
    [InlineData('E', StopLevel.PowerOff)]
    [InlineData('s', StopLevel.ControlledStop)]
    [InlineData('x', StopLevel.None)]
    [InlineData('\n', StopLevel.None)]
    public void Press_Key_AsksForItsStop(char key, StopLevel level)
    {
        var control = new FakeRunControl();
        using var keys = new OperatorKeys(control, NullLogger<OperatorKeys>.Instance);
        keys.Press(key);
        Assert.Equal(level, control.Stopped);
        keys.Press('r');
        Assert.Equal(1, control.Readies);
    }
}
