using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Devices.FeetechBus.Guardian;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus.Guardian;

public sealed class GuardianLoopTests
{
    private static readonly byte[] Sign = Make((2000, 5), (-7, 1_000_000_000_000));

    private readonly CheckedPositions _positions = new(2);
    private bool _powered;

    [Fact]
    public void Take_SignsOfLife_TheNewestPositionsCount()
    {
        byte[] heard = [GuardianSignal.Idle, .. Make((1, 1), (2, 2)), .. Sign];
        Assert.Equal(heard.Length, GuardianLoop.Take(heard, _positions, ref _powered, out bool ended));
        Assert.Equal((true, false), (_powered, ended));
        Assert.True(_positions.Allow(0, 2000, 5, 6));
        Assert.True(_positions.Allow(1, -7, 1_000_000_000_000, 6));
        Assert.False(_positions.Allow(1, 1000, 1_000_000_000_000, 6));
    }

    [Fact]
    public void Take_SignInTwoParts_WaitsForTheRest()
    {
        for (int cut = 1; cut < Sign.Length; cut++)
        {
            Assert.Equal(0, GuardianLoop.Take(Sign.AsSpan(0, cut), _positions, ref _powered, out _));
            Assert.False(_powered);
        }

        Assert.Equal(Sign.Length, GuardianLoop.Take([.. Sign, Sign[0]], _positions, ref _powered, out _));
        Assert.True(_powered);
    }

    [Fact]
    public void Take_End_EndsItWhateverFollows()
    {
        Assert.Equal(1, GuardianLoop.Take([GuardianSignal.End, .. Sign], _positions, ref _powered, out bool ended));
        Assert.True(ended);
    }

    private static byte[] Make(params (int Ticks, long Stamp)[] of)
    {
        var positions = new CheckedPositions(of.Length);
        for (int i = 0; i < of.Length; i++)
        {
            positions.Set(i, of[i].Ticks, -100, 4095, of[i].Stamp);
        }

        byte[] sign = new byte[1 + positions.Size];
        sign[0] = GuardianSignal.Powered;
        positions.Write(sign.AsSpan(1));
        return sign;
    }
}
