using RobotRl.Algorithms.Torch;
using RobotRl.Runtime.Learning;

namespace RobotRl.Runtime.Commands.Doctor;

/// <summary>Whether what the chosen learner computes with is there.</summary>
internal static class LearnerCheck
{
    public static CheckResult Run(LearnerOptions options)
    {
        bool needed = LearnerFactory.NeedsTorch(options);
        try
        {
            TorchRuntime torch = TorchLibrary.Load(options.ToTorchOptions());
            return new CheckResult("libtorch", CheckState.Ok, $"{torch.Version} in {torch.Folder}, device {torch.Device}{(torch.HasCuda ? "" : " (no CUDA)")}");
        }
        catch (TorchLibraryException e)
        {
            string detail = $"{e.File}: {e.Problem}";
            return needed
                ? new CheckResult("libtorch", CheckState.Missing, detail, e.Remedy)
                : new CheckResult("libtorch", CheckState.Ok, $"{detail} Learner {options.Algorithm} does not need it.");
        }
    }
}
