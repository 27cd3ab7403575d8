using System.Globalization;
using RobotRl.Runtime.Policies;

namespace RobotRl.Runtime.Commands.Inspect;

/// <summary>Inspections in words.</summary>
internal static class InspectionText
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    public static IEnumerable<string> Lines(RunInspection run)
    {
        yield return $"run {run.Path}" + (run.Process is { } process ? string.Create(Invariant, $", process {process} works on it") : "");
        if (run.Id is { } id)
        {
            yield return $"  identity {id}";
        }

        if (run.Checkpoint is { } checkpoint)
        {
            yield return string.Create(
                Invariant,
                $"checkpoint {Path.GetFileName(checkpoint.Path)}: step {checkpoint.Step:N0}, episode {checkpoint.Episode:N0}, "
                    + $"written {checkpoint.Created:u}"
            );
            yield return $"  state sha256 {checkpoint.LearnerSha256}";
            foreach ((string name, long count) in checkpoint.Counters)
            {
                yield return string.Create(Invariant, $"  {name} {count:N0}");
            }
        }
        else
        {
            yield return "no checkpoint";
        }

        yield return string.Create(
            Invariant,
            $"journal: {run.Journal.Frames:N0} transitions from {run.Journal.Oldest:N0} on, {run.Journal.Bytes / 1048576.0:F1} MiB"
        );
        foreach (string damage in run.Journal.Damage.Concat(run.Damaged))
        {
            yield return $"  damaged: {damage}";
        }

        foreach (string line in run.Champion is null ? [] : Lines("champion", run.Champion))
        {
            yield return line;
        }

        foreach (string line in run.Policy is null ? ["no policy"] : Lines("policy", run.Policy))
        {
            yield return line;
        }
    }

    public static IEnumerable<string> Lines(string what, PolicyInspection policy)
    {
        PolicyManifest manifest = policy.Manifest;
        PolicyProvenance from = manifest.Provenance;
        string evaluated = from.MeanReturn is { } mean ? string.Create(Invariant, $", mean return {mean:F1}") : "";
        return
        [
            string.Create(Invariant, $"{what} {policy.Path}: version {policy.Version}, {policy.Parameters:N0} parameters"),
            $"  sha256 {policy.Sha256}",
            $"  robot {manifest.Robot}, task {manifest.Task}, every "
                + $"{manifest.ControlPeriodSeconds.ToString("0.######", Invariant)} s, divisor {manifest.PolicyDivisor}",
            $"  observation {string.Join(", ", manifest.ObservationNames)}",
            string.Create(
                Invariant,
                $"  actions {manifest.ActionSpace} {manifest.ActionCount}: {string.Join(", ", manifest.Commands.Select(Range))}"
            ),
            $"  network "
                + $"{manifest.Spec.Network.Inputs}-{string.Join('-', manifest.Spec.Network.Hidden)}-{manifest.Spec.Network.Outputs}, "
                + $"head {manifest.Spec.Head}",
            string.Create(
                Invariant,
                $"  learned by {from.Algorithm}, seed {from.Seed}, {from.Steps:N0} steps, {from.Updates:N0} "
                    + $"updates{evaluated}, robotrl {from.ProgramVersion}"
            ),
        ];
    }

    private static string Range(PolicyInterface command) =>
        string.Create(Invariant, $"{command.Name} {command.Minimum:G6} to {command.Maximum:G6} {command.Unit}");
}
