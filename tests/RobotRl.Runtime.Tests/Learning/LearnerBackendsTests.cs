using RobotRl.Algorithms;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Spaces;
using RobotRl.Runtime.Learning;

namespace RobotRl.Runtime.Tests.Learning;

public sealed class LearnerBackendsTests
{
    [Theory]
    [InlineData("auto", "cpu", LearnerBackend.Managed)]
    [InlineData("auto", "cuda", LearnerBackend.Torch)]
    [InlineData("managed", "auto", LearnerBackend.Managed)]
    [InlineData("torch", "cpu", LearnerBackend.Torch)]
    public void Choose_AsOptionsSay_TakesTheBackend(string backend, string device, LearnerBackend expected) =>
        Assert.Equal(expected, LearnerBackends.Choose(new LearnerOptions { Backend = backend, Device = device }));

    [Fact]
    public void Create_Defaults_MakesTheManagedLearnerOnAMachineWithoutCuda()
    {
        using ILearner learner = LearnerFactory.Create(
            new LearnerOptions
            {
                Sac = new() { ReplayCapacity = 1000 },
                Device = "cpu",
            },
            3,
            new ContinuousActionSpace(1),
            1
        );
        Assert.IsType<ManagedSacLearner>(learner);
        Assert.False(LearnerFactory.NeedsTorch(new LearnerOptions { Device = "cpu" }));
    }

    [Theory]
    [InlineData("td3")]
    [InlineData("droq")]
    [InlineData("crossq")]
    public void Create_OtherAlgorithmsWithBothForms_HaveTheSamePolicyInBoth(string algorithm)
    {
        var options = new LearnerOptions
        {
            Algorithm = algorithm,
            Device = "cpu",
            Td3 = new() { ReplayCapacity = 500 },
            Droq = new() { ReplayCapacity = 500 },
            CrossQ = new() { ReplayCapacity = 500 },
        };
        using ILearner managed = LearnerFactory.Create(options, 3, new ContinuousActionSpace(1), 1);
        using ILearner torch = LearnerFactory.Create(options with { Backend = "torch" }, 3, new ContinuousActionSpace(1), 1);
        Assert.StartsWith("Managed", managed.GetType().Name, StringComparison.Ordinal);
        Assert.StartsWith("Torch", torch.GetType().Name, StringComparison.Ordinal);
        PolicyBlock one = new(managed.Policy),
            two = new(torch.Policy);
        managed.CopyPolicy(one);
        torch.CopyPolicy(two);
        Assert.Equal(managed.Policy, torch.Policy);
        Assert.Equal(two.Parameters, one.Parameters);
        Assert.Contains(
            "serves continuous actions",
            LearnerFactory.Mismatch(options, new DiscreteActionSpace(2)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Create_SacOnDiscreteActions_IsItsDiscreteFormAndManagedOnly()
    {
        var options = new LearnerOptions
        {
            Sac = new() { ReplayCapacity = 1000 },
            Device = "cpu",
        };
        using ILearner learner = LearnerFactory.Create(options, 4, new DiscreteActionSpace(2), 1);
        Assert.IsType<DiscreteSacLearner>(learner);
        Assert.Contains(
            "has a managed form only",
            LearnerFactory.Mismatch(options with { Backend = "torch" }, new DiscreteActionSpace(2)),
            StringComparison.Ordinal
        );
        Assert.Null(LearnerFactory.Mismatch(options with { Backend = "torch" }, new ContinuousActionSpace(2)));
        Assert.Contains(
            "serves continuous actions",
            LearnerFactory.Mismatch(options with { Algorithm = "sac-v" }, new DiscreteActionSpace(2)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Validate_BackendThatCannotServe_SaysWhatToChange()
    {
        Assert.Equal(
            ["Learner:Backend is \"gpu\"; allowed: auto, managed, torch. Set it to one of them."],
            new LearnerOptions { Backend = "gpu" }.Validate("Learner")
        );
        Assert.Equal(
            [
                "Learner:Backend is \"managed\", which computes on the CPU, and Learner:Device is \"cuda\". Set Backend to "
                    + "torch or auto, or Device to cpu or auto.",
            ],
            new LearnerOptions { Backend = "managed", Device = "cuda" }.Validate("Learner")
        );
        Assert.Equal(
            [
                "Learner:Backend is \"torch\", and Learner:Algorithm ppo has a managed form only; on TorchSharp there are "
                    + "sac, td3, droq, crossq. Set Backend to auto or managed, or choose one of those.",
            ],
            new LearnerOptions { Backend = "torch", Algorithm = "ppo" }.Validate("Learner")
        );
    }

    [Fact]
    public void CopyPolicy_SameSeedInBothBackends_GivesTheSamePolicy()
    {
        var options = new LearnerOptions
        {
            Sac = new() { ReplayCapacity = 1000 },
            Device = "cpu",
        };
        using ILearner managed = LearnerFactory.Create(options, 3, new ContinuousActionSpace(1), 1);
        using ILearner torch = LearnerFactory.Create(options with { Backend = "torch" }, 3, new ContinuousActionSpace(1), 1);
        PolicyBlock one = new(managed.Policy),
            two = new(torch.Policy);
        managed.CopyPolicy(one);
        torch.CopyPolicy(two);
        Assert.Equal(managed.Policy, torch.Policy);
        Assert.Equal(two.Parameters, one.Parameters);
    }
}
