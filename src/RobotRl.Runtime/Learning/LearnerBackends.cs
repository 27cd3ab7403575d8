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
            _ => options.Device == "cuda" || (options.Device == "auto" && FindsCuda(options))
                ? LearnerBackend.Torch
                : LearnerBackend.Managed,
        };
    }

    /// <summary>What is wrong between backend, device and this build; nothing where all is well.</summary>
    public static IEnumerable<string> Validate(LearnerOptions options, string path)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!LearnerOptions.Backends.Contains(options.Backend))
        {
            yield return $"{path}:Backend is \"{options.Backend}\"; allowed: {string.Join(", ", LearnerOptions.Backends)}. Set it to one "
                + $"of them.";
        }

        if (options is { Backend: "managed", Device: "cuda" })
        {
            yield return $"{path}:Backend is \"managed\", which computes on the CPU, and {path}:Device is \"cuda\". Set Backend to torch "
                + $"or auto, or Device to cpu or auto.";
        }

        if (options.Backend == "torch" && LearnerOptions.Algorithms.Contains(options.Algorithm) && !Both.Contains(options.Algorithm))
        {
            yield return $"{path}:Backend is \"torch\", and {path}:Algorithm {options.Algorithm} has a managed form only; on TorchSharp "
                + $"there are {string.Join(", ", Both)}. Set Backend to auto or managed, or choose one of those.";
        }
        else if (!TorchLibrary.IsBuiltIn && (options.Backend == "torch" || options.Device == "cuda"))
        {
            yield return $"{path}:{(options.Backend == "torch" ? "Backend is \"torch\"" : "Device is \"cuda\"")}, and this program was "
                + $"built without TorchSharp (-p:TorchBackend=none). "
                + "Set Backend to managed and Device to cpu, or build with -p:TorchBackend=cpu or cuda.";
        }
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
