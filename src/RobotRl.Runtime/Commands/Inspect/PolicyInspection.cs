using System.Security.Cryptography;
using RobotRl.Runtime.Policies;

namespace RobotRl.Runtime.Commands.Inspect;

/// <summary>What a policy file is.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Sha256">Hash of the whole file, lower-case hex.</param>
/// <param name="Version">Version of the policy in its run.</param>
/// <param name="Parameters">Weights and biases.</param>
/// <param name="Manifest">What the weights mean and where they come from.</param>
internal sealed record PolicyInspection(string Path, string Sha256, long Version, int Parameters, PolicyManifest Manifest)
{
    public static PolicyInspection Of(string path)
    {
        PolicyFile file = PolicyFile.Load(path);
        using FileStream stream = File.OpenRead(path);
        return new PolicyInspection(
            path,
            Convert.ToHexStringLower(SHA256.HashData(stream)),
            file.Block.Version,
            file.Block.Parameters.Length,
            file.Manifest
        );
    }
}
