using RobotRl.Runtime.Views;

namespace RobotRl.Runtime.Tests.Views;

public sealed class SmallCurveTests
{
    [Fact]
    public void Render_Rise_ClimbsFromBottomLeftToTopRight()
    {
        var curve = new SmallCurve();
        for (int i = 0; i < 8; i++)
        {
            curve.Add(i);
        }

        Assert.Equal(["       7.0     ▂▄▆█", "       0.0 ▁▃▅▇████"], curve.Render(40, 2, unicode: true));
    }

    [Fact]
    public void Render_MorePointsThanColumns_KeepsWidthAndExtremes()
    {
        var curve = new SmallCurve();
        for (int i = 0; i < 10_000; i++)
        {
            curve.Add(i);
        }

        IReadOnlyList<string> rows = curve.Render(20, 3, unicode: false);

        Assert.Equal(3, rows.Count);
        Assert.All(rows, r => Assert.Equal(11 + 20, r.Length));
        Assert.EndsWith("#", rows[0], StringComparison.Ordinal);
        Assert.EndsWith(" ", rows[0][..12], StringComparison.Ordinal);
    }

    [Fact]
    public void Render_LevelOrNothing_DoesNotFail()
    {
        var curve = new SmallCurve();
        curve.Add(double.NaN);
        curve.Add(3);
        Assert.Empty(curve.Render(10, 2, unicode: true));
        curve.Add(3);
        Assert.Equal(2, curve.Render(10, 2, unicode: true).Count);
    }
}
