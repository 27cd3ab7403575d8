#if TORCH
using System.Diagnostics;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Tests.OffPolicy;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Torch;

/// <summary>No number that libtorch reads is ever the garbage collector's.</summary>
public sealed class TorchArithmeticTests
{
    private const string ChildVariable = "ROBOTRL_TEST_TORCH_COLLECT";

    [Fact]
    public void Product_EveryCall_MakesNoScalarOfItsOwn() =>
        Assert.Empty(ScalarCalls.Of(typeof(TorchArithmetic).Assembly, typeof(TorchArithmetic).FullName!));

    [Fact]
    public void ThisAssembly_EveryCall_MakesNoScalarOfItsOwn() =>
        Assert.Empty(ScalarCalls.Of(typeof(TorchArithmeticTests).Assembly, typeof(TorchArithmeticTests).FullName!));

    [Fact]
    public void Operations_AnyNumbers_EqualTorchSharps()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new[] { -30f, -1.3f, 0, 0.4f, 2, 50 }),
            y = tensor(new[] { 2f, -0.7f, 1, 1e-3f, 9, -4 });
        Scalar number = 0.3,
            low = -1,
            high = 2,
            one = 1;
        Assert.True(x.Plus(y).Equals(x.add(y, one)));
        Assert.True(x.Plus(0.3).Equals(x.add(number, one)));
        Assert.True(x.Minus(0.3).Equals(x.sub(number)));
        Assert.True(x.Times(0.3).Equals(x.mul(number)));
        Assert.True(x.Over(0.3).Equals(x.div(number)));
        Assert.True(x.Squared().Equals(x.pow(tensor(2f))));
        Assert.True(x.Clamped(-1, 2).Equals(x.clamp(low, high)));
        Assert.True(x.clone().SetTo(0.3).Equals(TorchArithmetic.One(0.3, ScalarType.Float32, CPU).expand(6)));
        Assert.True(x.clone().Increase(number).Equals(x.Plus(0.3)));
        Assert.Equal(0.4f, (float)x.narrow(0, 3, 1).Number());
        foreach ((float value, float softplus) in x.data<float>().ToArray().Zip(x.Softplus().data<float>().ToArray()))
        {
            Assert.Equal(Math.Log(1 + Math.Exp(value)), softplus, 1e-6 * (1 + Math.Abs(value)));
        }

        foreach (Scalar held in (Scalar[])[number, low, high, one])
        {
            held.Dispose();
        }
    }

    /// <summary>
    /// Every learner while another thread does nothing but collect and finalise, in a process of its own, which libtorch may end.
    /// </summary>
    [Fact]
    public async Task Update_WhileEverythingIsCollected_NeitherThrowsNorEndsTheProcess()
    {
        if (Environment.GetEnvironmentVariable(ChildVariable) is { Length: > 0 })
        {
            UpdateWhileCollecting();
            return;
        }

        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-method");
        start.ArgumentList.Add(
            $"{typeof(TorchArithmeticTests).FullName}.{nameof(Update_WhileEverythingIsCollected_NeitherThrowsNorEndsTheProcess)}"
        );
        start.Environment[ChildVariable] = "1";
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, output + await errors);
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
    }

    private static void UpdateWhileCollecting()
    {
        using var done = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            for (int turn = 0; !done.IsCancellationRequested; turn++)
            {
                GC.Collect(turn % 3);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            foreach (string name in new[] { "sac", "sac-sde", "td3", "droq", "crossq" })
            {
                Work(name);
            }

            Optimise();
        }
        finally
        {
            done.Cancel();
            collector.Join();
        }
    }

    private static void Work(string name)
    {
        using ILearner learner = OffPolicyCases.Create(name, managed: false, new(Normalise: true));
        var block = new PolicyBlock(learner.Policy);
        float[] values = new float[4],
            observations = new float[4 * OffPolicyCases.Observations];
        for (int i = 0; i < 400; i += 20)
        {
            OffPolicyCases.Run(learner, i, i + 20);
            learner.CopyPolicy(block);
            learner.EstimateValues(observations, values);
            Assert.All(learner.Metrics.ToArray(), m => Assert.True(double.IsFinite(m.Value), $"{name}: {m.Name}"));
            learner.Load(OffPolicyCases.Saved(learner));
            OffPolicyCases.Restore(learner, i + 20);
        }

        learner.RevertPolicy(block);
    }

    private static void Optimise()
    {
        using Tensor parameters = ones(20),
            gradients = ones(20);
        using var adam = new TorchAdam(parameters, gradients, 1e-3, fused: true);
        for (int i = 0; i < 2000; i++)
        {
            adam.Step();
        }

        using Tensor mean = parameters.mean();
        Assert.Equal(1 - 2, mean.item<float>(), 1e-3f);
    }
}
#endif
