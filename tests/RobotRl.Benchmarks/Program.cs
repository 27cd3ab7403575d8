using System.Text.Json;
using RobotRl.Algorithms.Kernels;
using RobotRl.Benchmarks;
using RobotRl.Benchmarks.ActorCritic;
using RobotRl.Benchmarks.Devices;
using RobotRl.Benchmarks.Edge;
using RobotRl.Benchmarks.Inference;
using RobotRl.Benchmarks.Loops;
using RobotRl.Benchmarks.Managed;
using RobotRl.Benchmarks.Mqtt;
using RobotRl.Benchmarks.Peers;
using RobotRl.Benchmarks.PolicyGradient;
using RobotRl.Benchmarks.Rig;
using RobotRl.Benchmarks.Sac;
using RobotRl.Benchmarks.Simulation;

// A benchmark joins by one line here.
IBenchmark[] benchmarks =
[
    new LoopBenchmark(),
    new LoopManagedBenchmark(),
    new TickAllocationBenchmark(),
    new ResumeBenchmark(),
    new PendulumStepsBenchmark(),
    new InferenceBenchmark(),
    new SimulatorStepsBenchmark(),
    new PendulumOptimumBenchmark(),
    new SacUpdateBenchmark(),
    new SacUpdateLimitBenchmark(),
    new SacUpdateAllocationBenchmark(),
    new ReplaySampleBenchmark(),
    new SacPendulumBenchmark(),
    LearnerUpdateBenchmark.Ppo(),
    LearnerUpdateBenchmark.Td3(),
    LearnerUpdateBenchmark.CrossQ(),
    new PeersBenchmark(
        new SacUpdateBenchmark(),
        new ManagedSacUpdateBenchmark(),
        LearnerUpdateBenchmark.Ppo(),
        LearnerUpdateBenchmark.Td3(),
        LearnerUpdateBenchmark.CrossQ(),
        new InferenceBenchmark()
    ),
    new OnlineCartPoleBenchmark(),
    new LadderCartPoleBenchmark(),
    new VarianceBenchmark(),
    LadderBenchmark.Pendulum(),
    LadderBenchmark.MountainCar(),
    new EdgeBenchmark(),
    new StreamingUpdateBenchmark(),
    new StreamingPendulumBenchmark(),
    new GemmBenchmark(),
    new ManagedLearningBenchmark(),
    new ManagedSacUpdateBenchmark(),
    new ManagedSacUpdateLimitBenchmark(),
    new ManagedAllocationBenchmark(),
    new StopsBenchmark(),
    new LearnerFaultsBenchmark(),
    new RigSwingUpBenchmark(),
    new ServoBusBenchmark(),
    new ReachBenchmark(),
    new SerialTickAllocationBenchmark(),
    new BrokerFaultsBenchmark(),
    new BrokerSecurityBenchmark(),
];

string[] words = [.. args.Where(a => a != "--json")];
bool json = words.Length != args.Length;
if (words.Length == 0 || benchmarks.FirstOrDefault(b => b.Name == words[0]) is not { } benchmark)
{
    Console.Error.WriteLine(words.Length == 0 ? "Say which benchmark:" : $"No benchmark \"{words[0]}\"; there are:");
    foreach (IBenchmark known in benchmarks)
    {
        Console.Error.WriteLine($"  {known.Name, -24} {known.Summary}");
    }

    return 2;
}

TextWriter log = json ? Console.Error : Console.Out;
log.WriteLine($"Kernels: {KernelPath.Describe().Path}");
BenchmarkResult result;
try
{
    result = benchmark.Run(words[1..], log);
}
catch (FormatException e)
{
    Console.Error.WriteLine($"{benchmark.Name}: {string.Join(' ', words[1..])}: {e.Message} It takes: {benchmark.Summary}");
    return 2;
}

if (json)
{
    Console.WriteLine(JsonSerializer.Serialize(result, JsonSerializerOptions.Web));
}
else
{
    string peer = result.Peer is null ? "" : $"; {result.Peer}: {result.PeerValue:G4}; ratio {result.Ratio:F2}";
    Console.WriteLine($"{result.Name}: {result.Value:G4} {result.Unit}{peer}; floor: {result.Floor}; {(result.Met ? "met" : "MISSED")}");
}

return result.Met ? 0 : 1;
