using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Torch;

namespace RobotRl.Runtime.Learning;

/// <summary>Chooses between the two forms of a learner that has both (<see cref="LearnerOptions.Backend"/>).</summary>
public static class LearnerBackends
{
    /// <summary>Algorithms that have a managed and a TorchSharp form.</summary>
    public static readonly string[] Both = ["sac", "td3", "droq", "crossq"];

    /// <summary>
    /// The backend that serves the options: as they say; with auto TorchSharp where it computes on CUDA (as Learner:Device wants or
    /// finds it), else managed, which is quicker on a CPU and needs no library.
    /// </summary>
    public static LearnerBackend Choose(LearnerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Backend switch
        {
            "managed" => LearnerBackend.Managed,
            "torch" => LearnerBackend.Torch,
            _ => options.Device == "cuda" || (options.Device == "auto" && FindsCuda(options)) ? LearnerBackend.Torch : LearnerBackend.Managed,
        };
    }

    /// <summary>What is wrong between backend, device and this build; nothing where all is well.</summary>
    public static IEnumerable<string> Validate(LearnerOptions options, string path)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!LearnerOptions.Backends.Contains(options.Backend))
        {
            yield return $"{path}:Backend is \"{options.Backend}\"; allowed: {string.Join(", ", LearnerOptions.Backends)}. Set it to one of them.";
        }

        if (options is { Backend: "managed", Device: "cuda" })
        {
            yield return $"{path}:Backend is \"managed\", which computes on the CPU, and {path}:Device is \"cuda\". Set Backend to torch or auto, or Device to cpu or auto.";
        }

        if (!TorchLibrary.IsBuiltIn && (options.Backend == "torch" || options.Device == "cuda"))
        {
            yield return $"{path}:{(options.Backend == "torch" ? "Backend is \"torch\"" : "Device is \"cuda\"")}, and this program was built without TorchSharp (-p:TorchBackend=none). "
                + "Set Backend to managed and Device to cpu, or build with -p:TorchBackend=cpu or cuda.";
        }
    }

    /// <summary>What of the chosen learner the managed kernels cannot serve; nothing where they can, and where TorchSharp computes.</summary>
    public static IEnumerable<string> Limits(LearnerOptions options, string path)
    {
        ArgumentNullException.ThrowIfNull(options);
        switch (options.Algorithm)
        {
            case "sac-v":
                return ManagedLimits.Check($"{path}:SacV", options.SacV.HiddenWidth, alone: true);
            case "ddpg":
                return ManagedLimits.Check($"{path}:Ddpg", options.Ddpg.HiddenWidth, alone: true);
            case "dpg":
                return ManagedLimits.Check($"{path}:Dpg", options.Dpg.HiddenWidth, alone: true);
        }

        if (!Both.Contains(options.Algorithm) || Choose(options) == LearnerBackend.Torch)
        {
            return [];
        }

        return options.Algorithm switch
        {
            "sac" => ManagedLimits.Check($"{path}:Sac", options.Sac.HiddenWidth),
            "td3" => ManagedLimits.Check($"{path}:Td3", options.Td3.HiddenWidth),
            "droq" => ManagedLimits.Check($"{path}:Droq", options.Droq.HiddenWidth),
            _ => ManagedLimits.Check($"{path}:CrossQ", options.CrossQ.HiddenWidth),
        };
    }

    private static bool FindsCuda(LearnerOptions options)
    {
        if (!TorchLibrary.MayHaveCuda(options.ToTorchOptions()))
        {
            return false;
        }

        try
        {
            return TorchLibrary.Load(options.ToTorchOptions()).Device == "cuda";
        }
        catch (TorchLibraryException)
        {
            // Whatever is wrong with it, the managed backend does not need it; doctor says what it is.
            return false;
        }
    }
}
