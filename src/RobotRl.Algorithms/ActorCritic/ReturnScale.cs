using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Algorithms.ActorCritic;

/// <summary>
/// Return-based scaling (arXiv 2105.05347): sigma^2 = Var[r] + Var[gamma] E[G^2], with G the undiscounted return of a terminated
/// episode and gamma zero in its last step. Not thread safe; allocates nothing.
/// </summary>
internal sealed class ReturnScale
{
    // An error divided by less than this would blow up what is noise.
    private const double Least = 1e-4;

    private readonly RunningNormaliser _reward = new(1),
        _discount = new(1);
    private readonly float[] _one = new float[1];
    private double _return,
        _squares,
        _returns;

    /// <summary>sigma; one before there is a variance.</summary>
    public double Sigma { get; private set; } = 1;

    /// <summary>One step's reward.</summary>
    /// <param name="reward">What was earned, the entropy's part included.</param>
    /// <param name="discount">gamma.</param>
    /// <param name="terminated">Whether it ended the episode for good.</param>
    /// <param name="ended">Whether the episode ended at all.</param>
    public void Update(double reward, double discount, bool terminated, bool ended)
    {
        _one[0] = (float)reward;
        _reward.Update(_one);
        _one[0] = terminated ? 0 : (float)discount;
        _discount.Update(_one);
        _return += reward;
        if (terminated)
        {
            _returns++;
            _squares += (_return * _return - _squares) / _returns;
        }

        _return = ended ? 0 : _return;
        double sigma = Math.Sqrt(_reward.Variance(0) + (_discount.Variance(0) * _squares));
        Sigma = sigma >= Least ? sigma : 1;
    }

    public void Save(IStateWriter writer, string name)
    {
        _reward.Save(writer, name + "/reward");
        _discount.Save(writer, name + "/discount");
        writer.Write(name + "/sums", [_return, _squares, _returns, Sigma]);
    }

    public void Load(IStateReader reader, string name)
    {
        _reward.Load(reader, name + "/reward");
        _discount.Load(reader, name + "/discount");
        Span<double> sums = stackalloc double[4];
        reader.Read(name + "/sums", sums);
        (_return, _squares, _returns, Sigma) = (sums[0], sums[1], sums[2], sums[3]);
    }
}
