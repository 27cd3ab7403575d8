using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.CrossQ;
using RobotRl.Algorithms.Deterministic;
using RobotRl.Algorithms.Droq;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Torch;

namespace RobotRl.Runtime.Learning;

/// <summary>Which learner, where it computes, and how it is scheduled (section <c>Learner</c>).</summary>
public sealed record LearnerOptions
{
    /// <summary>Names that <see cref="Algorithm"/> may have.</summary>
    public static readonly string[] Algorithms =
    [
        "sac",
        "sac-v",
        "td3",
        "ddpg",
        "dpg",
        "droq",
        "crossq",
        "online-actor-critic",
        "stream-actor-critic",
        "avg",
        "off-pac",
        "ppo",
        "a2c",
        "a3c",
        "npg",
        "trpo",
        "reinforce",
        "batch-actor-critic",
    ];

    /// <summary>Values that <see cref="Backend"/> may have.</summary>
    public static readonly string[] Backends = ["auto", "managed", "torch"];

    /// <summary>Default: sac.</summary>
    public string Algorithm { get; set; } = "sac";

    /// <summary>
    /// What a learner that has both forms computes with: managed, torch, or auto (torch on CUDA, managed on a CPU). Default auto:
    /// our measurement (benchmark managed-sac-update).
    /// </summary>
    public string Backend { get; set; } = "auto";

    /// <summary>auto (CUDA where there is one, else CPU), cpu or cuda. Default auto.</summary>
    public string Device { get; set; } = "auto";

    /// <summary>Folder of an existing libtorch; empty (default) takes the one in the output folder.</summary>
    public string? LibTorchPath { get; set; }

    /// <summary>
    /// Threads inside one update. Default 1: on networks of a robot's size a second one gains nothing and takes a core from the
    /// control thread.
    /// </summary>
    public int Threads { get; set; } = 1;

    /// <summary>
    /// Updates between two policies offered to the robot. Default 10: judging an offer on 256 probes costs as much as several
    /// streaming updates (our measurement), and half a second at 20 Hz is soon enough. Learners that need experience of their
    /// newest policy (the on-policy ones) offer after each.
    /// </summary>
    public int OfferEveryUpdates { get; set; } = 10;

    /// <summary>
    /// Transitions that a learner may lag behind in real time before updates are given up. Default 64: our choice, about a second
    /// at 50 Hz.
    /// </summary>
    public int MaxBacklogSteps { get; set; } = 64;

    /// <summary>Options of <c>sac</c>.</summary>
    public SacOptions Sac { get; set; } = new();

    /// <summary>Options of <c>sac-v</c>.</summary>
    public SacVOptions SacV { get; set; } = new();

    /// <summary>Options of <c>td3</c>.</summary>
    public Td3Options Td3 { get; set; } = new();

    /// <summary>Options of <c>ddpg</c>.</summary>
    public DdpgOptions Ddpg { get; set; } = new();

    /// <summary>Options of <c>dpg</c>.</summary>
    public DpgOptions Dpg { get; set; } = new();

    /// <summary>Options of <c>droq</c>.</summary>
    public DroqOptions Droq { get; set; } = new();

    /// <summary>Options of <c>crossq</c>.</summary>
    public CrossQOptions CrossQ { get; set; } = new();

    /// <summary>Options of <c>online-actor-critic</c>.</summary>
    public OnlineActorCriticOptions OnlineActorCritic { get; set; } = new();

    /// <summary>Options of <c>stream-actor-critic</c>.</summary>
    public StreamActorCriticOptions StreamActorCritic { get; set; } = new();

    /// <summary>Options of <c>avg</c>.</summary>
    public AvgOptions Avg { get; set; } = new();

    /// <summary>Options of <c>off-pac</c>.</summary>
    public OffPacOptions OffPac { get; set; } = new();

    /// <summary>Options of <c>ppo</c>.</summary>
    public PpoOptions Ppo { get; set; } = new();

    /// <summary>Options of <c>a2c</c>.</summary>
    public A2cOptions A2c { get; set; } = new();

    /// <summary>Options of <c>a3c</c>.</summary>
    public A3cOptions A3c { get; set; } = new();

    /// <summary>Options of <c>npg</c>.</summary>
    public NpgOptions Npg { get; set; } = new();

    /// <summary>Options of <c>trpo</c>.</summary>
    public TrpoOptions Trpo { get; set; } = new();

    /// <summary>Options of <c>reinforce</c>.</summary>
    public ReinforceOptions Reinforce { get; set; } = new();

    /// <summary>Options of <c>batch-actor-critic</c>.</summary>
    public BatchActorCriticOptions BatchActorCritic { get; set; } = new();

    /// <summary>The part that concerns libtorch.</summary>
    public TorchOptions ToTorchOptions() =>
        new()
        {
            Device = Device,
            LibTorchPath = LibTorchPath,
            Threads = Threads,
        };

    /// <summary>Every problem with these options.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (!Algorithms.Contains(Algorithm))
        {
            yield return $"{path}:Algorithm is \"{Algorithm}\"; allowed: {string.Join(", ", Algorithms)}.";
        }

        if (OfferEveryUpdates is < 1 or > 1_000_000)
        {
            yield return $"{path}:OfferEveryUpdates is {OfferEveryUpdates}; allowed: 1 to 1000000.";
        }

        if (MaxBacklogSteps is < 1 or > 1_000_000)
        {
            yield return $"{path}:MaxBacklogSteps is {MaxBacklogSteps}; allowed: 1 to 1000000.";
        }

        foreach (
            string problem in LearnerBackends
                .Validate(this, path)
                .Concat(ToTorchOptions().Validate(path))
                .Concat(Sac.Validate($"{path}:Sac"))
                .Concat(SacV.Validate($"{path}:SacV"))
                .Concat(Td3.Validate($"{path}:Td3"))
                .Concat(Ddpg.Validate($"{path}:Ddpg"))
                .Concat(Dpg.Validate($"{path}:Dpg"))
                .Concat(Droq.Validate($"{path}:Droq"))
                .Concat(CrossQ.Validate($"{path}:CrossQ"))
                .Concat(OnlineActorCritic.Validate($"{path}:OnlineActorCritic"))
                .Concat(StreamActorCritic.Validate($"{path}:StreamActorCritic"))
                .Concat(Avg.Validate($"{path}:Avg"))
                .Concat(OffPac.Validate($"{path}:OffPac"))
                .Concat(Ppo.Validate($"{path}:Ppo"))
                .Concat(A2c.Validate($"{path}:A2c"))
                .Concat(A3c.Validate($"{path}:A3c"))
                .Concat(Npg.Validate($"{path}:Npg"))
                .Concat(Trpo.Validate($"{path}:Trpo"))
                .Concat(Reinforce.Validate($"{path}:Reinforce"))
                .Concat(BatchActorCritic.Validate($"{path}:BatchActorCritic"))
        )
        {
            yield return problem;
        }
    }
}
