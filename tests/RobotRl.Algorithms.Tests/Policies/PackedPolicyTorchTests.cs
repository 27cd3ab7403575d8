#if TORCH
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Policies;

/// <summary>The control thread's policy against libtorch's own operations on the same weights and noise.</summary>
public sealed class PackedPolicyTorchTests
{
    // gSDE draws a matrix, not a noise: StateDependentNoiseTests.
    public static TheoryData<PolicyHead, Activation, bool> Cases =>
        new MatrixTheoryData<PolicyHead, Activation, bool>(
            Enum.GetValues<PolicyHead>().Where(h => h != PolicyHead.StateDependentGaussian),
            Enum.GetValues<Activation>(),
            [false, true]
        );

    [Theory]
    [MemberData(nameof(Cases))]
    public void Act_SameNoise_EqualsLibtorch(PolicyHead head, Activation activation, bool layerNorm)
    {
        TorchLibrary.Load(new TorchOptions { Device = "cpu" });
        using var scope = NewDisposeScope();
        int actions = head == PolicyHead.Categorical ? 1 : 6,
            outputs = head switch
            {
                PolicyHead.Categorical => 7,
                PolicyHead.Deterministic => 6,
                _ => 12,
            };
        var spec = new PolicySpec(new MlpShape(17, [256, 131], outputs, activation, layerNorm), head, actions) { ExplorationStd = 0.1f };
        var random = new CounterRandom(21, RandomPurpose.Initialisation);
        PolicyBlock block = PolicyCases.Block(spec, random);
        block.Normalise = true;
        using var policy = new PackedPolicy(spec);
        policy.Pack(block);
        for (int trial = 0; trial < 50; trial++)
        {
            float[] observation = PolicyCases.Observation(spec, random),
                action = new float[actions],
                preSquash = new float[actions],
                frozen = new float[actions],
                noise = new float[actions];
            var acting = new CounterRandom((ulong)trial, RandomPurpose.Acting);
            RandomState before = acting.State;
            float logDensity = policy.Act(observation, acting, action, preSquash);
            policy.ActFrozen(observation, frozen);
            new CounterRandom(0, 0UL) { State = before }.FillGaussian(noise);
            Tensor network = Network(block, observation),
                z = tensor(noise);
            if (head == PolicyHead.Categorical)
            {
                Assert.Equal(nn.functional.log_softmax(network, 0)[(int)action[0]].item<float>(), logDensity, 1e-5f);
                Assert.Equal(network.argmax().item<long>(), (long)frozen[0]);

                // The inverse of the cumulative distribution at the number drawn.
                float uniform = new CounterRandom(0, 0UL) { State = before }.NextSingle();
                Tensor cumulative = nn.functional.softmax(network, 0).cumsum(0);
                Assert.Equal((cumulative <= tensor(uniform)).sum().item<long>(), (long)action[0]);
                continue;
            }

            (Tensor u, Tensor a, Tensor density, Tensor still) = Sample(spec, network, z);
            AssertClose(u, preSquash);
            AssertClose(a, action);
            AssertClose(density.unsqueeze(0), [logDensity]);
            AssertClose(still, frozen);
        }
    }

    private static Tensor Network(PolicyBlock block, float[] observation)
    {
        MlpShape shape = block.Spec.Network;
        Tensor x = ((tensor(observation) - tensor(block.NormaliserMean)) * tensor(block.NormaliserScale)).Clamped(-10, 10);
        Tensor flat = tensor(block.Parameters);
        for (int l = 0; l < shape.LayerCount; l++)
        {
            int inputs = shape.LayerInputs(l),
                outputs = shape.LayerOutputs(l);
            Tensor w = flat.narrow(0, shape.WeightOffset(l), inputs * outputs).view(inputs, outputs),
                b = flat.narrow(0, shape.BiasOffset(l), outputs);
            x = x.matmul(w).Plus(b);
            if (l < shape.LayerCount - 1)
            {
                x = shape.LayerNorm ? nn.functional.layer_norm(x, [outputs]) : x;
                x = shape.Activation switch
                {
                    Activation.Relu => x.relu(),
                    Activation.LeakyRelu => maximum(x, x.Times(0.01)),
                    _ => x.tanh(),
                };
            }
        }

        return x;
    }

    private static (Tensor PreSquash, Tensor Action, Tensor LogDensity, Tensor Frozen) Sample(PolicySpec spec, Tensor outputs, Tensor noise)
    {
        int n = spec.ActionSize;
        Tensor mean = outputs.narrow(0, 0, n);
        if (spec.Head == PolicyHead.Deterministic)
        {
            Tensor sample = mean.tanh().Plus(noise.Times(spec.ExplorationStd));
            return (sample, sample.Clamped(-1, 1), Gaussian(noise, ones_like(noise).Times(spec.ExplorationStd)), mean.tanh());
        }

        Tensor raw = outputs.narrow(0, n, n);
        Tensor std = spec.Head == PolicyHead.SquashedGaussian ? raw.Clamped(spec.LogStdMin, spec.LogStdMax).exp() : raw.Softplus();
        Tensor u = mean.Plus(std * noise),
            density = Gaussian(noise, std);
        return spec.Head == PolicyHead.ClippedGaussian
            ? (u, u.Clamped(-1, 1), density, mean.Clamped(-1, 1))
            : (u, u.tanh(), density - ((-u).Plus(Math.Log(2)) - u.Times(-2).Softplus()).Times(2).sum(), mean.tanh());
    }

    private static Tensor Gaussian(Tensor noise, Tensor std) =>
        (noise.Squared().Times(-0.5) - std.log()).Minus(0.5 * Math.Log(2 * Math.PI)).sum();

    private static void AssertClose(Tensor expected, ReadOnlySpan<float> actual)
    {
        float[] values = [.. expected.data<float>()];
        for (int i = 0; i < values.Length; i++)
        {
            Assert.True(
                Math.Abs(values[i] - actual[i]) <= 1e-5 * Math.Max(1, Math.Abs(values[i])),
                $"component {i}: libtorch {values[i]}, packed {actual[i]}"
            );
        }
    }
}
#endif
