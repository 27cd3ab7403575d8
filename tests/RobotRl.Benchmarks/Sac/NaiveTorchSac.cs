using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RobotRl.Benchmarks.Sac;

/// <summary>
/// The same SAC update as one writes it at first in TorchSharp: modules, recorded gradients, torch.optim.Adam. Its minibatch is
/// given.
/// </summary>
internal sealed class NaiveTorchSac
{
    private const long BudgetBytes = 240_000_000;

    private readonly Sequential _actor = Mlp(SacWork.Observations, 2 * SacWork.Actions);
    private readonly Sequential[] _critics =
    [
        Mlp(SacWork.Observations + SacWork.Actions, 1),
        Mlp(SacWork.Observations + SacWork.Actions, 1),
    ];
    private readonly Sequential[] _targets =
    [
        Mlp(SacWork.Observations + SacWork.Actions, 1),
        Mlp(SacWork.Observations + SacWork.Actions, 1),
    ];
    private readonly Parameter _logAlpha = new(zeros(1));
    private readonly Parameter[] _criticParameters,
        _targetParameters;
    private readonly optim.Optimizer _actorAdam,
        _criticAdam,
        _alphaAdam;
    private readonly Tensor _states = randn(SacWork.Batch, SacWork.Observations),
        _nextStates = randn(SacWork.Batch, SacWork.Observations);
    private readonly Tensor _actions = randn(SacWork.Batch, SacWork.Actions).tanh(),
        _rewards = randn(SacWork.Batch, 1),
        _continues = ones(SacWork.Batch, 1);

    public NaiveTorchSac()
    {
        _criticParameters = [.. _critics.SelectMany(c => c.parameters())];
        _targetParameters = [.. _targets.SelectMany(c => c.parameters())];
        _actorAdam = optim.Adam(_actor.parameters(), lr: 3e-4);
        _criticAdam = optim.Adam(_criticParameters, lr: 3e-4);
        _alphaAdam = optim.Adam([_logAlpha], lr: 3e-4);
    }

    /// <summary>
    /// Updates a second over one turn. TorchSharp's operators and optimisers let the garbage collector free numbers in use
    /// (<see cref="Algorithms.Torch.TorchArithmetic"/>), so nothing is collected meanwhile; where the budget does not last, it throws.
    /// </summary>
    public double Turn()
    {
        GC.TryStartNoGCRegion(BudgetBytes);
        double rate = SacUpdateBenchmark.Turn(Update);
        GC.EndNoGCRegion();
        return rate;
    }

    private void Update()
    {
        using var scope = NewDisposeScope();
        Tensor alpha = _logAlpha.exp().detach(),
            backup;
        using (no_grad())
        {
            (Tensor next, Tensor nextLogPi) = Sample(_nextStates);
            Tensor target = cat([_nextStates, next], -1);
            backup =
                _rewards + (0.99 * _continues * (minimum(_targets[0].forward(target), _targets[1].forward(target)) - (alpha * nextLogPi)));
        }

        Tensor inputs = cat([_states, _actions], -1);
        Tensor criticLoss =
            0.5
            * (nn.functional.mse_loss(_critics[0].forward(inputs), backup) + nn.functional.mse_loss(_critics[1].forward(inputs), backup));
        Step(_criticAdam, criticLoss);

        Freeze(true);
        (Tensor action, Tensor logPi) = Sample(_states);
        Tensor proposed = cat([_states, action], -1);
        Step(_actorAdam, ((alpha * logPi) - minimum(_critics[0].forward(proposed), _critics[1].forward(proposed))).mean());
        Freeze(false);

        Step(_alphaAdam, -(_logAlpha * (logPi.detach() - SacWork.Actions)).mean());
        using (no_grad())
        {
            for (int i = 0; i < _targetParameters.Length; i++)
            {
                _targetParameters[i].mul_(0.995).add_(_criticParameters[i], 0.005);
            }
        }
    }

    private static Sequential Mlp(int inputs, int outputs) =>
        nn.Sequential(
            nn.Linear(inputs, SacWork.Width),
            nn.ReLU(),
            nn.Linear(SacWork.Width, SacWork.Width),
            nn.ReLU(),
            nn.Linear(SacWork.Width, outputs)
        );

    private static void Step(optim.Optimizer adam, Tensor loss)
    {
        adam.zero_grad();
        loss.backward();
        adam.step();
    }

    private (Tensor Action, Tensor LogPi) Sample(Tensor states)
    {
        Tensor[] head = _actor.forward(states).chunk(2, -1);
        Tensor logStd = head[1].clamp(-20, 2),
            noise = randn_like(head[0]),
            preSquash = head[0] + (logStd.exp() * noise);
        Tensor logPi =
            (-0.5 * noise * noise)
            - logStd
            - (0.5 * Math.Log(2 * Math.PI))
            - (2 * (Math.Log(2) - preSquash - nn.functional.softplus(-2 * preSquash)));
        return (preSquash.tanh(), logPi.sum(-1, true));
    }

    private void Freeze(bool frozen)
    {
        foreach (Parameter parameter in _criticParameters)
        {
            parameter.requires_grad = !frozen;
        }
    }
}
