using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Torch;
using RobotRl.Runtime.Learning;

namespace RobotRl.Runtime.Commands.Doctor;

/// <summary>Whether what the chosen learner computes with is there.</summary>
internal static class LearnerCheck
{
    /// <summary>What the managed kernels run on: the policy on the control thread always does, a managed learner too.</summary>
    public static CheckResult Kernels(LearnerOptions options)
    {
        (string path, bool quick) = KernelPath.Describe();
        string learner = LearnerBackends.Both.Contains(options.Algorithm)
            ? $"learner {options.Algorithm} computes with {(LearnerFactory.NeedsTorch(options) ? "TorchSharp" : "them")} "
                + $"(Learner:Backend={options.Backend})"
            : $"learner {options.Algorithm} computes with them";
        return new CheckResult("kernels", quick ? CheckState.Ok : CheckState.Advice, $"{path}; {learner}", quick ? null : KernelPath.Slow);
    }

    public static CheckResult Run(LearnerOptions options)
    {
        bool needed = LearnerFactory.NeedsTorch(options);
        try
        {
            TorchRuntime torch = TorchLibrary.Load(options.ToTorchOptions());
            return new CheckResult(
                "libtorch",
                CheckState.Ok,
                $"{torch.Version} in {torch.Folder}, device {torch.Device}{(torch.HasCuda ? "" : " (no CUDA)")}"
            );
        }
        catch (TorchLibraryException e)
        {
            string detail = $"{e.File}: {e.Problem}";
            return needed
                ? new CheckResult("libtorch", CheckState.Missing, detail, e.Remedy)
                : new CheckResult("libtorch", CheckState.Ok, $"{detail} Learner {options.Algorithm} does not need it here.");
        }
    }
}
