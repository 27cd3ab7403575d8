using System.Collections.Immutable;
using System.Text;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Policies;
using RobotRl.Runtime.Storage;
using RobotRl.Runtime.Tasks;
using RobotRl.Runtime.Tests.Storage;

namespace RobotRl.Runtime.Tests.Policies;

public sealed class PolicyFileTests
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(50);
    private static readonly PolicySpec s_spec = new(new MlpShape(3, [5, 4], 2), PolicyHead.SquashedGaussian, 1) { LogStdMin = -5f };

    private static readonly RobotDescription s_robot = new(
        "pendulum",
        [
            new("pole/position", InterfaceKind.Position, "rad", double.NegativeInfinity, double.PositiveInfinity),
            new("pole/velocity", InterfaceKind.Velocity, "rad/s", -8, 8),
        ],
        [new("pole/effort", InterfaceKind.Effort, "N m", -2, 2, 0)],
        s_period
    );

    [Fact]
    public void Save_ThenLoad_BringsEverythingBackBitForBit()
    {
        using var directory = new TemporaryDirectory();
        PolicyBlock block = Block();
        string path = Save(directory, block);
        PolicyFile loaded = PolicyFile.Load(path);
        Assert.Equal(block.Parameters, loaded.Block.Parameters);
        Assert.Equal(block.NormaliserMean, loaded.Block.NormaliserMean);
        Assert.Equal(block.NormaliserScale, loaded.Block.NormaliserScale);
        Assert.Equal((block.Version, block.Normalise, false), (loaded.Block.Version, loaded.Block.Normalise, loaded.Block.UniformActions));
        Assert.Equal(s_spec, loaded.Manifest.Spec);
        Assert.Equal(Manifest().Provenance, loaded.Manifest.Provenance);
        Assert.Equal(Manifest().ObservationNames, loaded.Manifest.ObservationNames);
        Assert.Equal(Manifest().States, loaded.Manifest.States);
        Assert.Equal(Manifest().Commands, loaded.Manifest.Commands);
        Assert.Empty(loaded.Manifest.CheckFits(s_robot, new Swing(), s_period, 1));
    }

    /// <summary>Every seed that the options allow is recorded as it is; the greatest was recorded as -1.</summary>
    [Fact]
    public void Save_GreatestSeed_IsRecorded()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("policy.safetensors");
        PolicyManifest manifest = Manifest();
        PolicyFile.Save(path, manifest with { Provenance = manifest.Provenance with { Seed = ulong.MaxValue } }, Block());
        Assert.Equal(ulong.MaxValue, PolicyFile.Load(path).Manifest.Provenance.Seed);
    }

    [Fact]
    public void Save_Weights_AreInTheOrientationOfPyTorch()
    {
        using var directory = new TemporaryDirectory();
        PolicyBlock block = Block();
        var (tensors, metadata) = StrictSafetensors.Parse(File.ReadAllBytes(Save(directory, block)));
        Assert.Equal("robotrl-policy", metadata["format"]);
        Assert.Contains("\"observationNames\":[\"cos\",\"sin\",\"velocity\"]", metadata["manifest"], StringComparison.Ordinal);
        Assert.Equal([5L, 3L], tensors["layers.0.weight"].Shape);
        Assert.Equal([2L, 4L], tensors["layers.2.weight"].Shape);
        Assert.Equal([2L], tensors["layers.2.bias"].Shape);
        float[] weight = StrictSafetensors.Floats(tensors["layers.0.weight"].Data),
            observation = [0.3f, -1.2f, 2f];
        for (int output = 0; output < 5; output++)
        {
            // y = W x, with W as nn.Linear has it, is x W of the flat block.
            float theirs = Enumerable.Range(0, 3).Sum(i => weight[(output * 3) + i] * observation[i]);
            float ours = Enumerable.Range(0, 3).Sum(i => observation[i] * block.Parameters[(i * 5) + output]);
            Assert.Equal(ours, theirs);
        }
    }

    [Fact]
    public void Load_AnyBitFlipOrTruncation_IsRefusedNamingTheFile()
    {
        using var directory = new TemporaryDirectory();
        string path = Save(directory, Block());
        byte[] good = File.ReadAllBytes(path);
        var random = new CounterRandom(9, RandomPurpose.Simulation);
        for (int trial = 0; trial < 600; trial++)
        {
            byte[] bad = [.. good];
            uint at = random.NextUInt32() % (uint)good.Length;
            if (trial % 2 == 0)
            {
                bad[at] ^= (byte)(1 << (int)(random.NextUInt32() % 8));
            }
            else
            {
                bad = bad[..(int)at];
            }

            File.WriteAllBytes(path, bad);
            Assert.StartsWith(
                path + ": ",
                Assert.Throws<PolicyFileException>(() => PolicyFile.Load(path)).Message,
                StringComparison.Ordinal
            );
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void SaveAndLoad_WeightNotFinite_IsRefusedNamingTheTensor(float value)
    {
        using var directory = new TemporaryDirectory();
        PolicyBlock block = Block();
        block.Parameters[s_spec.Network.BiasOffset(1)] = value;
        string path = directory.File("policy.safetensors");
        string message = Assert.Throws<PolicyFileException>(() => PolicyFile.Save(path, Manifest(), block)).Message;
        Assert.StartsWith(
            $"{path}: not written: tensor layers.1.bias holds {value.ToString(System.Globalization.CultureInfo.InvariantCulture)}",
            message,
            StringComparison.Ordinal
        );
        Assert.False(File.Exists(path));

        // A file that another program wrote with it.
        Save(directory, Block());
        Rewrite(path, (name, values) => values[0] = name == "normaliser.scale" ? value : values[0], m => m);
        Assert.StartsWith(
            $"{path}: refused: tensor normaliser.scale holds ",
            Assert.Throws<PolicyFileException>(() => PolicyFile.Load(path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Load_OtherVersionKindOrShape_IsRefusedWithTheReason()
    {
        using var directory = new TemporaryDirectory();
        string path = Save(directory, Block());
        Refused("policy format version 7; this program reads version 1", m => m with { Version = "7" });
        Refused("a safetensors file, but not a policy", m => m with { Format = "other" });
        Refused("its manifest cannot be read", m => m with { Manifest = "{\"robot\":" });
        Refused("it has no complete manifest", m => m with { Manifest = "null" });
        Refused("its manifest asks for tensor layers.0.weight F32 [6, 3] and the file has layers.0.weight F32 [5, 3]", m =>
            m with
            {
                Manifest = m.Manifest.Replace("[5,4]", "[6,4]", StringComparison.Ordinal),
            }
        );
        Refused("its network has 4 inputs and the manifest names 3 observations", m =>
            m with
            {
                Manifest = m.Manifest.Replace("\"inputs\":3", "\"inputs\":4", StringComparison.Ordinal),
            }
        );
        Refused("does not fit 9 continuous actions", m =>
            m with
            {
                Manifest = m.Manifest.Replace("\"actionCount\":1", "\"actionCount\":9", StringComparison.Ordinal),
            }
        );
        Refused("has null in the place of an observation", m =>
            m with
            {
                Manifest = m.Manifest.Replace("[\"cos\",", "[null,", StringComparison.Ordinal),
            }
        );
        Refused("its manifest cannot be read", m =>
            m with
            {
                Manifest = m.Manifest.Replace("\"robot\":\"", "\"robot\":null,\"x\":\"", StringComparison.Ordinal),
            }
        );
        Refused("is not possible", m =>
            m with
            {
                Manifest = m.Manifest.Replace("[5,4]", "[2000000000,2000000000]", StringComparison.Ordinal),
            }
        );
        Assert.Contains(
            "no such file",
            Assert.Throws<PolicyFileException>(() => PolicyFile.Load(directory.File("none"))).Message,
            StringComparison.Ordinal
        );

        void Refused(string problem, Func<Strings, Strings> change)
        {
            Save(directory, Block());
            Rewrite(path, (_, _) => { }, change);
            string message = Assert.Throws<PolicyFileException>(() => PolicyFile.Load(path)).Message;
            Assert.StartsWith(path + ": ", message, StringComparison.Ordinal);
            Assert.Contains(problem, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void CheckFits_OtherRobot_NamesEveryDifferingField()
    {
        var other = new RobotDescription(
            "cart-pole",
            [s_robot.States[0], new("pole/speed", InterfaceKind.Velocity, "rad/s", -8, 8)],
            [new("pole/effort", InterfaceKind.Effort, "N m", -3, 3, 0)],
            s_period
        );
        Assert.Equal(
            [
                "task: the policy file has swing, the robot has balance. Choose the task that it was trained for (Task).",
                "observation size: the policy file has 3, the robot has 2. Use the task's version that it was trained with.",
                "observation[1]: the policy file has sin, the robot has speed. Use the task's version that it was trained with.",
                "actions: the policy file has continuous 1, the robot has discrete 2. Use the task's version that it was trained with.",
                "states[1]: the policy file has pole/velocity, the robot has pole/speed. Wire and name the robot's "
                    + "interfaces as in training.",
                "commands pole/effort minimum: the policy file has -2 N m, the robot has -3 N m. Actions are scaled by it: "
                    + "set the limit of training.",
                "commands pole/effort maximum: the policy file has 2 N m, the robot has 3 N m. Actions are scaled by it: set "
                    + "the limit of training.",
                "control period: the policy file has 0.05 s, the robot has 0.02 s. Run the loop at the period that it was "
                    + "trained with: Loop:RateHz=20.",
            ],
            Manifest().CheckFits(other, new Balance(), TimeSpan.FromMilliseconds(20), 1)
        );
    }

    [Fact]
    public void CheckFits_SameInterfacesOtherName_Fits() =>
        Assert.Empty(Manifest().CheckFits(s_robot with { Name = "the real one" }, new Swing(), s_period, 1));

    [Fact]
    public void CheckFits_OtherDivisorPeriodOrTaskSetting_NamesTheSettingThatMendsIt()
    {
        PolicyManifest manifest = PolicyManifest.Of(
            s_robot,
            new Swing { Values = new Dictionary<string, double> { ["Task:Reach:Speed"] = 2 } },
            s_period,
            4,
            s_spec,
            Manifest().Provenance
        );
        var task = new Swing
        {
            Values = new Dictionary<string, double> { ["Task:Reach:Speed"] = 1 },
            Steps = true,
        };
        Assert.Equal(
            [
                "control period: the policy file has 0.05 s, the robot has 0.01 s. Run the loop at the period that it was "
                    + "trained with: Loop:RateHz=20.",
                "policy divisor: the policy file has 4, the settings have 1. It acts at every n-th tick: set Loop:PolicyDivisor=4.",
                "action: the policy file has absolute, the robot has incremental. Use the task's version that it was trained with.",
                "Task:Reach:Speed: the policy file has 2, the settings have 1. Actions are scaled by it: set Task:Reach:Speed=2.",
            ],
            manifest.CheckFits(s_robot, task, TimeSpan.FromMilliseconds(10), 1)
        );
        Assert.Single(
            (manifest with { ControlPeriodSeconds = double.NaN }).CheckFits(
                s_robot,
                new Swing { Values = manifest.TaskValues! },
                s_period,
                4
            )
        );
    }

    [Fact]
    public void CheckFits_FileOfAnEarlierVersion_IsTakenWhereTheTaskHasNoSetting_ElseRefused()
    {
        using var directory = new TemporaryDirectory();
        string path = Save(directory, Block());
        Rewrite(
            path,
            (_, _) => { },
            m => m with { Manifest = m.Manifest.Replace("\"isIncremental\":false,\"taskValues\":{},", "", StringComparison.Ordinal) }
        );
        PolicyManifest old = PolicyFile.Load(path).Manifest;
        Assert.Equal((null, null), (old.IsIncremental, old.TaskValues));
        Assert.Contains("earlier version", old.Notice, StringComparison.Ordinal);
        Assert.Null(Manifest().Notice);
        Assert.Empty(old.CheckFits(s_robot, new Swing(), s_period, 1));
        string refused = Assert.Single(
            old.CheckFits(s_robot, new Swing { Values = new Dictionary<string, double> { ["Task:Reach:Speed"] = 1 } }, s_period, 1)
        );
        Assert.StartsWith(
            "Task:Reach:Speed: the policy file has none, the settings have 1. It was written by an earlier version",
            refused,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("\"controlPeriodSeconds\":0.05", "\"controlPeriodSeconds\":\"NaN\"", "its control period is NaN s")]
    [InlineData("\"controlPeriodSeconds\":0.05", "\"controlPeriodSeconds\":-1", "its control period is -1 s")]
    [InlineData("\"policyDivisor\":1", "\"policyDivisor\":0", "its policy divisor 0")]
    [InlineData("\"minimum\":-2,", "\"minimum\":\"NaN\",", "its pole/effort has the range NaN to 2 N m, which is none")]
    [InlineData("\"taskValues\":{}", "\"taskValues\":{\"Task:Reach:Speed\":\"NaN\"}", "its Task:Reach:Speed is NaN, which is no number")]
    [InlineData("\"logStdMin\":-5", "\"logStdMin\":\"NaN\"", "its standard deviation has the range NaN to 2")]
    public void Load_ManifestWithWhatIsNoNumber_IsRefused(string text, string by, string problem)
    {
        using var directory = new TemporaryDirectory();
        string path = Save(directory, Block());
        Rewrite(
            path,
            (_, _) => { },
            m =>
            {
                Assert.Contains(text, m.Manifest, StringComparison.Ordinal);
                return m with { Manifest = m.Manifest.Replace(text, by, StringComparison.Ordinal) };
            }
        );
        Assert.Contains(problem, Assert.Throws<PolicyFileException>(() => PolicyFile.Load(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind")]
    [InlineData("unit")]
    public void CheckFits_OtherKindOrUnit_NamesIt(string field)
    {
        CommandInterface command = s_robot.Commands[0];
        RobotDescription other = s_robot with
        {
            Commands = [field == "kind" ? command with { Kind = InterfaceKind.Velocity } : command with { Unit = "mN m" }],
        };
        Assert.StartsWith(
            $"commands pole/effort {field}: the policy file has {(field == "kind" ? "Effort" : "N m")}, the robot has ",
            Manifest().CheckFits(other, new Swing(), s_period, 1)[0],
            StringComparison.Ordinal
        );
    }

    private static PolicyBlock Block()
    {
        var block = new PolicyBlock(s_spec) { Version = 123, Normalise = true };
        var random = new CounterRandom(1, RandomPurpose.Initialisation);
        random.FillGaussian(block.Parameters);
        random.FillGaussian(block.NormaliserMean);
        random.FillGaussian(block.NormaliserScale);
        return block;
    }

    private static PolicyManifest Manifest() =>
        PolicyManifest.Of(s_robot, new Swing(), s_period, 1, s_spec, new PolicyProvenance("sac", 3, 20_000, 19_000, -145.5, "00ff", "1.0"));

    private static string Save(TemporaryDirectory directory, PolicyBlock block)
    {
        string path = directory.File("policy.safetensors");
        PolicyFile.Save(path, Manifest(), block);
        return path;
    }

    /// <summary>Writes the file again with changed content and a right checksum.</summary>
    private static void Rewrite(string path, Action<string, float[]> change, Func<Strings, Strings> changeStrings)
    {
        SafetensorsFile file = SafetensorsFile.Load(path);
        var writer = new SafetensorsWriter();
        foreach (SafetensorsTensor tensor in file.Tensors.Where(t => t.Type == SafetensorsType.F32))
        {
            float[] values = new float[tensor.Count];
            file.Read(tensor.Name, values);
            change(tensor.Name, values);
            if (tensor.Shape.Length == 2)
            {
                writer.WriteMatrix(tensor.Name, values, (int)tensor.Shape[0]);
            }
            else
            {
                writer.Write(tensor.Name, values);
            }
        }

        Strings strings = changeStrings(new(file.Metadata["format"], file.Metadata["format_version"], file.Metadata["manifest"]));
        writer.WriteTo(path, [new("format", strings.Format), new("format_version", strings.Version), new("manifest", strings.Manifest)]);
    }

    private sealed record Strings(string Format, string Version, string Manifest);

    private abstract class Named(string name, ImmutableArray<string> observations, ActionSpace actions) : IControlTask
    {
        public string Name => name;

        public ImmutableArray<string> ObservationNames => observations;

        public ActionSpace Actions => actions;

        public IReadOnlyDictionary<string, double> Values { get; init; } = new Dictionary<string, double>();

        public bool Steps { get; init; }

        public bool IsIncremental => Steps;

        public IReadOnlyDictionary<string, double> ActingValues => Values;

        public int MaxEpisodeSteps => 200;

        public void Observe(ReadOnlySpan<double> state, ReadOnlySpan<double> previousCommand, Span<float> observation) =>
            observation.Clear();

        public void ToCommand(ReadOnlySpan<float> action, ReadOnlySpan<double> previousCommand, Span<double> command) => command.Clear();

        public void ToAction(ReadOnlySpan<double> command, ReadOnlySpan<double> previousCommand, Span<float> action) => action.Clear();

        public double Reward(ReadOnlySpan<double> state, ReadOnlySpan<double> command, ReadOnlySpan<double> nextState) => 0;

        public bool IsTerminated(ReadOnlySpan<double> state) => false;

        public void DrawStart(CounterRandom random, Span<double> physicalState) => physicalState.Clear();

        public void SpreadStart(int index, int count, Span<double> physicalState) => physicalState.Clear();
    }

    private sealed class Swing() : Named("swing", ["cos", "sin", "velocity"], new ContinuousActionSpace(1));

    private sealed class Balance() : Named("balance", ["cos", "speed"], new DiscreteActionSpace(2));
}
