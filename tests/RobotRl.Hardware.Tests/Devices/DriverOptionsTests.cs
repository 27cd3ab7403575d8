using RobotRl.Hardware.Devices;

namespace RobotRl.Hardware.Tests.Devices;

public sealed class DriverOptionsTests
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    [Fact]
    public void Validate_Defaults_HaveNoProblem() => Assert.Empty(new DriverOptions().Validate("Driver", Period));

    [Fact]
    public void Validate_MaxCommandAgeOfAPeriod_SaysWhatIsAllowed() =>
        Assert.Equal(
            [
                "D:MaxCommandAge is 00:00:00.0100000; allowed: above the control period (00:00:00.0100000). Set it to a few "
                    + "periods, or remove it.",
            ],
            new DriverOptions { MaxCommandAge = Period }.Validate("D", Period)
        );

    [Fact]
    public void Validate_EverythingWrong_SaysEach() =>
        Assert.Equal(
            7,
            new DriverOptions
            {
                MaxCommandAge = TimeSpan.FromMilliseconds(20),
                CommandLossStop = TimeSpan.FromMilliseconds(19),
                LinkLossAfter = Period,
                StopTimeout = TimeSpan.Zero,
                RestVelocity = double.NaN,
                Lead = double.NaN,
                FifoPriority = 100,
                Reconnect = { BreakerAttempts = 0 },
            }
                .Validate("D", Period)
                .Count()
        );

    [Fact]
    public void Validate_StopThatTakesForEver_IsRefused_ForItPostponesAnOrder() =>
        Assert.Equal(
            [
                "D:StopTimeout is 1.00:00:00; allowed: above 00:00:00, at most 00:00:10, for power is removed only then. Set "
                    + "it to about 00:00:02.",
            ],
            new DriverOptions { StopTimeout = TimeSpan.FromDays(1) }.Validate("D", Period)
        );
}
