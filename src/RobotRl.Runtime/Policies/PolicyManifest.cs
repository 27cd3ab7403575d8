using System.Collections.Immutable;
using System.Globalization;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Spaces;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Policies;

/// <summary>What a policy file's weights mean and where they come from; enough to tell whether they fit a robot.</summary>
public sealed record PolicyManifest
{
    /// <summary>Format version that this program writes and reads.</summary>
    public const int CurrentFormatVersion = 1;

    /// <summary>Format version of the file.</summary>
    public int FormatVersion { get; init; } = CurrentFormatVersion;

    /// <summary>Robot that it was trained on; for people to read.</summary>
    public required string Robot { get; init; }

    /// <summary>Task that it was trained for.</summary>
    public required string Task { get; init; }

    /// <summary>Names of the observation's components in their order.</summary>
    public required ImmutableArray<string> ObservationNames { get; init; }

    /// <summary><c>continuous</c> (in [-1, 1], scaled by the task) or <c>discrete</c>.</summary>
    public required string ActionSpace { get; init; }

    /// <summary>Dimensions of a continuous action, or the number of choices.</summary>
    public required int ActionCount { get; init; }

    /// <summary>The robot's states in their order.</summary>
    public required ImmutableArray<PolicyInterface> States { get; init; }

    /// <summary>The robot's commands in their order, with the limits that actions were scaled to.</summary>
    public required ImmutableArray<PolicyInterface> Commands { get; init; }

    /// <summary>Control period in seconds.</summary>
    public required double ControlPeriodSeconds { get; init; }

    /// <summary>Control ticks for each action of the policy.</summary>
    public int PolicyDivisor { get; init; } = 1;

    /// <summary>
    /// Whether an action moves the command on at each tick (<see cref="IControlTask.IsIncremental"/>); null in files of earlier
    /// versions.
    /// </summary>
    public bool? IsIncremental { get; init; }

    /// <summary>The task's <see cref="IControlTask.ActingValues"/>; null in files of earlier versions.</summary>
    public ImmutableSortedDictionary<string, double>? TaskValues { get; init; }

    /// <summary>Shape of the network and meaning of its outputs.</summary>
    public required PolicySpec Spec { get; init; }

    /// <summary>Where the weights come from.</summary>
    public required PolicyProvenance Provenance { get; init; }

    /// <summary>The manifest of a policy that was learned on <paramref name="robot"/> for <paramref name="task"/>.</summary>
    public static PolicyManifest Of(
        RobotDescription robot,
        IControlTask task,
        TimeSpan controlPeriod,
        int policyDivisor,
        PolicySpec spec,
        PolicyProvenance provenance
    )
    {
        ArgumentNullException.ThrowIfNull(robot);
        ArgumentNullException.ThrowIfNull(task);
        (string space, int count) = Describe(task.Actions);
        return new()
        {
            Robot = robot.Name,
            Task = task.Name,
            ObservationNames = task.ObservationNames,
            ActionSpace = space,
            ActionCount = count,
            States = [.. robot.States.Select(s => new PolicyInterface(s.Name, s.Kind, s.Unit, s.Minimum, s.Maximum))],
            Commands = [.. robot.Commands.Select(c => new PolicyInterface(c.Name, c.Kind, c.Unit, c.Minimum, c.Maximum))],
            ControlPeriodSeconds = controlPeriod.TotalSeconds,
            PolicyDivisor = policyDivisor,
            IsIncremental = task.IsIncremental,
            TaskValues = task.ActingValues.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Spec = spec,
            Provenance = provenance,
        };
    }

    /// <summary>
    /// Every difference between this policy and a robot, task, control period and policy divisor; empty where it fits. Each
    /// message names the
    /// field, both values, and what to do. The robot's name is not compared: a simulated robot and the real one differ in it and
    /// in nothing that a policy sees. The commands' ranges are compared only with <paramref name="ranges"/>.
    /// </summary>
    public IReadOnlyList<string> CheckFits(
        RobotDescription robot,
        IControlTask task,
        TimeSpan period,
        int policyDivisor,
        bool ranges = true
    )
    {
        ArgumentNullException.ThrowIfNull(robot);
        ArgumentNullException.ThrowIfNull(task);
        var differences = new List<string>();
        Compare("task", Task, task.Name, "Choose the task that it was trained for (Task).");
        CompareNames("observation", ObservationNames, task.ObservationNames, "Use the task's version that it was trained with.");
        (string space, int count) = Describe(task.Actions);
        Compare("actions", $"{ActionSpace} {ActionCount}", $"{space} {count}", "Use the task's version that it was trained with.");
        CompareInterfaces(
            "states",
            States,
            [.. robot.States.Select(s => new PolicyInterface(s.Name, s.Kind, s.Unit, s.Minimum, s.Maximum))],
            limits: false
        );
        CompareInterfaces(
            "commands",
            Commands,
            [.. robot.Commands.Select(c => new PolicyInterface(c.Name, c.Kind, c.Unit, c.Minimum, c.Maximum))],
            limits: ranges
        );
        Compare(
            "control period",
            string.Create(CultureInfo.InvariantCulture, $"{ControlPeriodSeconds:G9} s"),
            string.Create(CultureInfo.InvariantCulture, $"{period.TotalSeconds:G9} s"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"Run the loop at the period that it was trained with: Loop:RateHz={1 / ControlPeriodSeconds:G9}."
            )
        );
        Compare(
            "policy divisor",
            string.Create(CultureInfo.InvariantCulture, $"{PolicyDivisor}"),
            string.Create(CultureInfo.InvariantCulture, $"{policyDivisor}"),
            string.Create(CultureInfo.InvariantCulture, $"It acts at every n-th tick: set Loop:PolicyDivisor={PolicyDivisor}."),
            "the settings have"
        );
        if (IsIncremental is { } incremental)
        {
            Compare(
                "action",
                incremental ? "incremental" : "absolute",
                task.IsIncremental ? "incremental" : "absolute",
                "Use the task's version that it was trained with."
            );
        }

        foreach (string key in task.ActingValues.Keys.Union(TaskValues?.Keys ?? []).Order(StringComparer.Ordinal))
        {
            Compare(
                key,
                Of(TaskValues, key),
                Of(task.ActingValues, key),
                TaskValues is null
                    ? "It was written by an earlier version, which did not keep this: go on with its run (robotrl train --run "
                        + "RUN --resume), which writes it anew, or train it again."
                    : string.Create(CultureInfo.InvariantCulture, $"Actions are scaled by it: set {key}={Of(TaskValues, key)}."),
                "the settings have"
            );
        }

        return differences;

        static string Of(IReadOnlyDictionary<string, double>? values, string key) =>
            values is not null && values.TryGetValue(key, out double value)
                ? string.Create(CultureInfo.InvariantCulture, $"{value:G9}")
                : "none";

        void Compare(string field, string file, string here, string advice, string who = "the robot has")
        {
            if (file != here)
            {
                differences.Add($"{field}: the policy file has {file}, {who} {here}. {advice}");
            }
        }

        void CompareNames(string field, ImmutableArray<string> file, ImmutableArray<string> here, string advice)
        {
            Compare(
                $"{field} size",
                string.Create(CultureInfo.InvariantCulture, $"{file.Length}"),
                string.Create(CultureInfo.InvariantCulture, $"{here.Length}"),
                advice
            );
            for (int i = 0; i < Math.Min(file.Length, here.Length); i++)
            {
                Compare($"{field}[{i}]", file[i], here[i], advice);
            }
        }

        void CompareInterfaces(string field, ImmutableArray<PolicyInterface> file, ImmutableArray<PolicyInterface> here, bool limits)
        {
            CompareNames(
                field,
                [.. file.Select(i => i.Name)],
                [.. here.Select(i => i.Name)],
                "Wire and name the robot's interfaces as in training."
            );
            foreach (PolicyInterface ours in here)
            {
                if (file.FirstOrDefault(i => i.Name == ours.Name) is { } theirs)
                {
                    Compare($"{field} {ours.Name} kind", $"{theirs.Kind}", $"{ours.Kind}", "Command the same quantity as in training.");
                    Compare($"{field} {ours.Name} unit", theirs.Unit, ours.Unit, "Report and command in the unit of training.");
                    if (limits)
                    {
                        Compare(
                            $"{field} {ours.Name} minimum",
                            string.Create(CultureInfo.InvariantCulture, $"{theirs.Minimum:G9} {theirs.Unit}"),
                            string.Create(CultureInfo.InvariantCulture, $"{ours.Minimum:G9} {ours.Unit}"),
                            "Actions are scaled by it: set the limit of training."
                        );
                        Compare(
                            $"{field} {ours.Name} maximum",
                            string.Create(CultureInfo.InvariantCulture, $"{theirs.Maximum:G9} {theirs.Unit}"),
                            string.Create(CultureInfo.InvariantCulture, $"{ours.Maximum:G9} {ours.Unit}"),
                            "Actions are scaled by it: set the limit of training."
                        );
                    }
                }
            }
        }
    }

    /// <summary>One sentence about a file of an earlier version, which does not say all that is compared; null where it does.</summary>
    internal string? Notice =>
        TaskValues is not null
            ? null
            : $"This policy was written by an earlier version, which did not keep the task's own settings; task {Task} has none "
                + $"that matter, so it is taken.";

    /// <summary>What is wrong within the manifest itself, or null.</summary>
    internal string? Inconsistency()
    {
        if (ObservationNames.Contains(null!) || States.Contains(null!) || Commands.Contains(null!))
        {
            return "its manifest has null in the place of an observation, a state or a command";
        }

        if (!(ControlPeriodSeconds > 0 && double.IsFinite(ControlPeriodSeconds)) || PolicyDivisor < 1)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"its control period is {ControlPeriodSeconds} s and its policy divisor {PolicyDivisor}; a period above 0 and "
                    + $"a divisor of 1 or more can be run"
            );
        }

        if (States.Concat(Commands).FirstOrDefault(i => !(i.Minimum <= i.Maximum)) is { } unordered)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"its {unordered.Name} has the range {unordered.Minimum} to {unordered.Maximum} {unordered.Unit}, which is none"
            );
        }

        if (TaskValues?.FirstOrDefault(v => !double.IsFinite(v.Value)) is { Key: { } unknown } value)
        {
            return string.Create(CultureInfo.InvariantCulture, $"its {unknown} is {value.Value}, which is no number");
        }

        if (!(Spec.LogStdMin <= Spec.LogStdMax && float.IsFinite(Spec.ExplorationStd) && float.IsFinite(Spec.NoiseMemory)))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"its standard deviation has the range {Spec.LogStdMin} to {Spec.LogStdMax}, its exploration "
                    + $"{Spec.ExplorationStd} and {Spec.NoiseMemory}, which must be numbers"
            );
        }

        MlpShape network = Spec.Network;
        if (network.Inputs != ObservationNames.Length)
        {
            return $"its network has {network.Inputs} inputs and the manifest names {ObservationNames.Length} observations";
        }

        if (network.Inputs < 1 || network.Outputs < 1 || network.Hidden.Any(h => h < 1) || LongParameterCount(network) > Array.MaxLength)
        {
            return $"its network shape {network.Inputs}-{string.Join("-", network.Hidden)}-{network.Outputs} is not possible";
        }

        bool discrete = ActionSpace == "discrete";
        if (!discrete && ActionSpace != "continuous")
        {
            return $"its action space is \"{ActionSpace}\"; continuous and discrete are known";
        }

        int size = discrete ? 1 : ActionCount;
        int outputs = Spec.Head switch
        {
            PolicyHead.SquashedGaussian or PolicyHead.ClippedGaussian => 2 * ActionCount,
            _ => ActionCount,
        };
        return discrete != (Spec.Head == PolicyHead.Categorical) || Spec.ActionSize != size || network.Outputs != outputs
            ? $"its head {Spec.Head} with {network.Outputs} outputs does not fit {ActionCount} {ActionSpace} actions"
            : null;
    }

    private static double LongParameterCount(MlpShape network) =>
        Enumerable.Range(0, network.LayerCount).Sum(l => (network.LayerInputs(l) + 1.0) * network.LayerOutputs(l));

    private static (string Space, int Count) Describe(ActionSpace actions) =>
        actions switch
        {
            ContinuousActionSpace continuous => ("continuous", continuous.Dimensions),
            DiscreteActionSpace discrete => ("discrete", discrete.Count),
            _ => throw new ArgumentException($"Unknown action space {actions}.", nameof(actions)),
        };
}
