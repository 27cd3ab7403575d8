using System.Collections.Immutable;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Tasks;
return RobotRlHost.CreateBuilder(args).AddTask("swing", "mcu", () => new Swing()).Build().Run();
sealed class Swing : IControlTask
{
    public string Name => "swing";
    public ImmutableArray<string> ObservationNames { get; } = ["cos", "sin", "velocity", "effort"];
    public ActionSpace Actions { get; } = new ContinuousActionSpace(1);
    public int MaxEpisodeSteps => 500;
    public void Observe(ReadOnlySpan<double> s, ReadOnlySpan<double> c, Span<float> o)
    { o[0] = (float)-Math.Cos(s[0]); o[1] = (float)-Math.Sin(s[0]); o[2] = (float)(s[1] / 8); o[3] = (float)(c[0] / 3); }
    public void ToCommand(ReadOnlySpan<float> a, Span<double> c) => c[0] = a[0] * 3;
    public void ToAction(ReadOnlySpan<double> c, Span<float> a) => a[0] = (float)(c[0] / 3);
    public double Reward(ReadOnlySpan<double> s, ReadOnlySpan<double> c, ReadOnlySpan<double> n)
    { double a = Math.IEEERemainder(n[0] - Math.PI, 2 * Math.PI), v = n[1]; return -((a * a) + (0.05 * v * v) + (0.01 * c[0] * c[0])); }
    public bool IsTerminated(ReadOnlySpan<double> s) => false;
    public void DrawStart(CounterRandom r, Span<double> p) { }
    public void SpreadStart(int i, int n, Span<double> p) { }
}
