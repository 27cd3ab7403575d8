using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Policies;

/// <summary>
/// A policy on disk: safetensors with a manifest. Layer n is <c>layers.n.weight</c> [outputs, inputs] and <c>layers.n.bias</c>, as
/// PyTorch's Linear has them; <c>normaliser.mean</c> and <c>normaliser.scale</c> are those of <see cref="PolicyBlock"/>.
/// </summary>
/// <param name="Manifest">What the weights mean.</param>
/// <param name="Block">All that acting needs.</param>
public sealed record PolicyFile(PolicyManifest Manifest, PolicyBlock Block)
{
    private const string Format = "robotrl-policy";

    /// <summary>Writes a policy, whole or not at all.</summary>
    /// <exception cref="PolicyFileException">A number in it is not finite, or block and manifest do not fit each other.</exception>
    /// <exception cref="IOException">The disk refuses; a file that was there is untouched.</exception>
    public static void Save(string path, PolicyManifest manifest, PolicyBlock block, IFileOpener? files = null)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(block);
        if (manifest.Inconsistency() is { } problem)
        {
            throw new PolicyFileException(path, $"not written: {problem}.");
        }

        if (manifest.Spec != block.Spec)
        {
            throw new PolicyFileException(path, $"not written: the weights are those of {block.Spec}, the manifest says {manifest.Spec}.");
        }

        CheckFinite(path, block, "not written: ");
        var writer = new SafetensorsWriter();
        MlpShape network = block.Spec.Network;
        for (int layer = 0; layer < network.LayerCount; layer++)
        {
            (int inputs, int outputs) = (network.LayerInputs(layer), network.LayerOutputs(layer));
            float[] turned = new float[inputs * outputs];
            Transpose(block.Parameters.AsSpan(network.WeightOffset(layer), turned.Length), turned, inputs, outputs);
            writer.WriteMatrix(WeightName(layer), turned, outputs);
            writer.Write(BiasName(layer), block.Parameters.AsSpan(network.BiasOffset(layer), outputs));
        }

        if (block.Spec.NoiseParameterCount > 0)
        {
            writer.WriteMatrix(
                NoiseName,
                block.Parameters.AsSpan(network.ParameterCount),
                block.Spec.NoiseParameterCount / block.Spec.ActionSize
            );
        }

        writer.Write("normaliser.mean", block.NormaliserMean);
        writer.Write("normaliser.scale", block.NormaliserScale);
        writer.WriteTo(
            path,
            [
                new("format", Format),
                new("format_version", manifest.FormatVersion.ToString(CultureInfo.InvariantCulture)),
                new("policy_version", block.Version.ToString(CultureInfo.InvariantCulture)),
                new("normalise", block.Normalise ? "true" : "false"),
                new("manifest", JsonSerializer.Serialize(manifest, PolicyJson.Default.PolicyManifest)),
            ],
            files
        );
    }

    /// <summary>Reads and verifies a policy.</summary>
    /// <exception cref="PolicyFileException">It is missing, truncated, altered, of another kind or version, or holds a number
    /// that is not finite.</exception>
    public static PolicyFile Load(string path)
    {
        try
        {
            SafetensorsFile file = SafetensorsFile.Load(path);
            PolicyManifest manifest = ReadManifest(file);
            return new(manifest, ReadBlock(file, manifest.Spec));
        }
        catch (DamagedFileException e)
        {
            throw new PolicyFileException(path, e.Problem, e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new PolicyFileException(path, "no such file. Give a policy file, such as policy.safetensors in a run directory.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PolicyFileException(path, $"cannot be read: {e.Message}", e);
        }
    }

    private static PolicyManifest ReadManifest(SafetensorsFile file)
    {
        if (file.Metadata.GetValueOrDefault("format") != Format)
        {
            throw new PolicyFileException(file.Path, "a safetensors file, but not a policy of this program.");
        }

        string version = file.Metadata.GetValueOrDefault("format_version", "missing");
        if (version != PolicyManifest.CurrentFormatVersion.ToString(CultureInfo.InvariantCulture))
        {
            throw new PolicyFileException(
                file.Path,
                $"policy format version {version}; this program reads version {PolicyManifest.CurrentFormatVersion}. Use the "
                    + $"program that wrote it."
            );
        }

        PolicyManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(file.Metadata.GetValueOrDefault("manifest", "null"), PolicyJson.Default.PolicyManifest);
        }
        catch (JsonException e)
        {
            throw new PolicyFileException(file.Path, $"its manifest cannot be read: {e.Message}", e);
        }

        if (
            manifest is null
            || manifest.ObservationNames.IsDefault
            || manifest.States.IsDefault
            || manifest.Commands.IsDefault
            || manifest.Spec.Network.Hidden.IsDefault
        )
        {
            throw new PolicyFileException(file.Path, "it has no complete manifest.");
        }

        return manifest.Inconsistency() is { } problem ? throw new PolicyFileException(file.Path, $"{problem}.") : manifest;
    }

    private static PolicyBlock ReadBlock(SafetensorsFile file, PolicySpec spec)
    {
        MlpShape network = spec.Network;
        for (int layer = 0; layer < network.LayerCount; layer++)
        {
            // Before anything of the manifest's size is allocated.
            CheckShape(file, WeightName(layer), [network.LayerOutputs(layer), network.LayerInputs(layer)]);
            CheckShape(file, BiasName(layer), [network.LayerOutputs(layer)]);
        }

        if (spec.NoiseParameterCount > 0)
        {
            CheckShape(file, NoiseName, [spec.NoiseParameterCount / spec.ActionSize, spec.ActionSize]);
        }

        var block = new PolicyBlock(spec)
        {
            Version = long.TryParse(
                file.Metadata.GetValueOrDefault("policy_version"),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out long version
            )
                ? version
                : 0,
            Normalise = file.Metadata.GetValueOrDefault("normalise") == "true",
        };
        for (int layer = 0; layer < network.LayerCount; layer++)
        {
            (int inputs, int outputs) = (network.LayerInputs(layer), network.LayerOutputs(layer));
            float[] turned = new float[inputs * outputs];
            file.Read(WeightName(layer), turned);
            Transpose(turned, block.Parameters.AsSpan(network.WeightOffset(layer), turned.Length), outputs, inputs);
            file.Read(BiasName(layer), block.Parameters.AsSpan(network.BiasOffset(layer), outputs));
        }

        if (spec.NoiseParameterCount > 0)
        {
            file.Read(NoiseName, block.Parameters.AsSpan(network.ParameterCount));
        }

        CheckShape(file, "normaliser.mean", [network.Inputs]);
        CheckShape(file, "normaliser.scale", [network.Inputs]);
        file.Read("normaliser.mean", block.NormaliserMean);
        file.Read("normaliser.scale", block.NormaliserScale);
        CheckFinite(file.Path, block, "refused: ");
        return block;
    }

    private static void CheckShape(SafetensorsFile file, string name, ImmutableArray<long> shape)
    {
        SafetensorsTensor? tensor = file.Find(name);
        if (tensor is null || tensor.Type != SafetensorsType.F32 || !tensor.Shape.AsSpan().SequenceEqual(shape.AsSpan()))
        {
            throw new PolicyFileException(
                file.Path,
                $"its manifest asks for tensor {name} F32 [{string.Join(", ", shape)}] and the file has "
                    + $"{tensor?.ToString() ?? "none of that name"}."
            );
        }
    }

    private static void CheckFinite(string path, PolicyBlock block, string what)
    {
        MlpShape network = block.Spec.Network;
        for (int layer = 0; layer < network.LayerCount; layer++)
        {
            Check(
                WeightName(layer),
                block.Parameters.AsSpan(network.WeightOffset(layer), network.LayerInputs(layer) * network.LayerOutputs(layer))
            );
            Check(BiasName(layer), block.Parameters.AsSpan(network.BiasOffset(layer), network.LayerOutputs(layer)));
        }

        Check(NoiseName, block.Parameters.AsSpan(network.ParameterCount));
        Check("normaliser.mean", block.NormaliserMean);
        Check("normaliser.scale", block.NormaliserScale);

        void Check(string name, ReadOnlySpan<float> values)
        {
            foreach (float value in values)
            {
                if (!float.IsFinite(value))
                {
                    throw new PolicyFileException(
                        path,
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{what}tensor {name} holds {value}; every weight must be a finite number. Use an earlier policy of the run."
                        )
                    );
                }
            }
        }
    }

    /// <summary>log sigma of gSDE, [features x action].</summary>
    private const string NoiseName = "noise.log_std";

    private static string WeightName(int layer) => string.Create(CultureInfo.InvariantCulture, $"layers.{layer}.weight");

    private static string BiasName(int layer) => string.Create(CultureInfo.InvariantCulture, $"layers.{layer}.bias");

    private static void Transpose(ReadOnlySpan<float> from, Span<float> to, int rows, int columns)
    {
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                to[(c * rows) + r] = from[(r * columns) + c];
            }
        }
    }
}
