using System.Globalization;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Runtime.Learning;

/// <summary>
/// What a learner takes of the machine's memory, estimated before anything is taken: what does not fit would end in the middle of a
/// run, when the replay has filled, by the hand of the kernel.
/// </summary>
internal static class LearnerMemory
{
    // Blocks of a network's size: parameters, gradients, Adam's two moments, transposed packing, flat copy, targets or traces; of the
    // policy's besides those the snapshots under way to the robot, and packed.
    private const int BlocksOfNetwork = 7,
        BlocksOfPolicy = 12;

    // What a checkpoint holds of them: parameters and two moments, targets of critics; the policy that was admitted last.
    private const int SavedOfNetwork = 4,
        SavedOfPolicy = 4;

    // Rows of a hidden layer's width that a batch takes in actor, critics and targets, forwards and backwards.
    private const int RowsOfBatch = 10;

    /// <summary>Memory that this process may have: the machine's, or what a container leaves of it; 0 where it is not known.</summary>
    public static long Available => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>
    /// What of the chosen learner does not fit into <paramref name="available"/> bytes (0: not known), or into a checkpoint: one
    /// sentence that names the greatest part; nothing where
    /// all fits.
    /// </summary>
    public static IEnumerable<string> Check(LearnerOptions options, int observationSize, ActionSpace actions, long available)
    {
        Need need = Of(options, observationSize, actions);
        if (need.Checkpoint > Storage.SafetensorsWriter.MostBytes)
        {
            return
            [
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{need.NetworkPath}:HiddenWidth is {need.Width} and HiddenLayers {need.Layers}, of which a checkpoint "
                        + $"takes {Size(need.Checkpoint)}; one holds at most {Size(Storage.SafetensorsWriter.MostBytes)}. Lower "
                        + $"them, to 256 and 2 say."
                ),
            ];
        }

        return available == 0 || need.Total <= available ? [] : [Message(need, available)];
    }

    /// <summary>The message where memory ran out while the learner was made: the machine may have it, but not for this process.</summary>
    public static string RanOut(LearnerOptions options, int observationSize, ActionSpace actions) =>
        Message(Of(options, observationSize, actions), 0);

    private static string Message(Need need, long available)
    {
        string has =
            available > 0
                ? $"this process may have {Size(available)}"
                : "this process was not given that much (ulimit -v, or other programs have it)";
        string whole = $"the learner needs {Size(need.Total)} altogether, and {has}.";
        if (need.Replay >= Math.Max(need.Networks, need.Batch))
        {
            double most = available > 0 ? ((available * 0.5) - need.Networks - need.Batch) / need.Transition : need.Capacity * 0.5;
            long fits = Math.Max(1000, (long)most / 1000 * 1000);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{need.Path}:ReplayCapacity is {need.Capacity}, which takes {Size(need.Replay)}: {whole} Lower it, to {fits} say."
            );
        }

        return need.Networks >= need.Batch
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{need.NetworkPath}:HiddenWidth is {need.Width} and HiddenLayers {need.Layers}, which takes "
                    + $"{Size(need.Networks)}: {whole} Lower them, to 256 and 2 say."
            )
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{need.Path}:BatchSize is {need.Rows} at a HiddenWidth of {need.Width}, which takes {Size(need.Batch)}: "
                    + $"{whole} Lower it, to 256 say."
            );
    }

    private static string Size(long bytes) =>
        bytes >= 1_000_000_000
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, bytes / 1_000_000)} MB");

    private static Need Of(LearnerOptions options, int observationSize, ActionSpace actions)
    {
        (string section, int width, int layers, int critics, int capacity, int batch) = options.Algorithm switch
        {
            "sac" => ("Sac", options.Sac.HiddenWidth, options.Sac.HiddenLayers, 2, options.Sac.ReplayCapacity, options.Sac.BatchSize),
            "sac-v" => (
                "SacV",
                options.SacV.HiddenWidth,
                options.SacV.HiddenLayers,
                3,
                options.SacV.ReplayCapacity,
                options.SacV.BatchSize
            ),
            "td3" => ("Td3", options.Td3.HiddenWidth, options.Td3.HiddenLayers, 2, options.Td3.ReplayCapacity, options.Td3.BatchSize),
            "ddpg" => ("Ddpg", options.Ddpg.HiddenWidth, options.Ddpg.HiddenLayers, 1, options.Ddpg.ReplayCapacity, options.Ddpg.BatchSize),
            "dpg" => ("Dpg", options.Dpg.HiddenWidth, options.Dpg.HiddenLayers, 1, options.Dpg.ReplayCapacity, options.Dpg.BatchSize),
            "droq" => ("Droq", options.Droq.HiddenWidth, options.Droq.HiddenLayers, 2, options.Droq.ReplayCapacity, options.Droq.BatchSize),
            "crossq" => (
                "CrossQ",
                options.CrossQ.HiddenWidth,
                options.CrossQ.HiddenLayers,
                4,
                options.CrossQ.ReplayCapacity,
                options.CrossQ.BatchSize
            ),
            "online-actor-critic" => (
                "OnlineActorCritic",
                options.OnlineActorCritic.HiddenWidth,
                options.OnlineActorCritic.HiddenLayers,
                1,
                0,
                1
            ),
            "stream-actor-critic" => (
                "StreamActorCritic",
                options.StreamActorCritic.HiddenWidth,
                options.StreamActorCritic.HiddenLayers,
                1,
                0,
                1
            ),
            "avg" => ("Avg", options.Avg.HiddenWidth, options.Avg.HiddenLayers, 1, 0, 1),
            "off-pac" => ("OffPac", options.OffPac.HiddenWidth, options.OffPac.HiddenLayers, 1, 0, 1),
            "ppo" => ("Ppo", options.Ppo.Network.HiddenWidth, options.Ppo.Network.HiddenLayers, 1, 0, 1),
            "a2c" => ("A2c", options.A2c.Network.HiddenWidth, options.A2c.Network.HiddenLayers, 1, 0, 1),
            "a3c" => ("A3c", options.A3c.Network.HiddenWidth, options.A3c.Network.HiddenLayers, options.A3c.Workers, 0, 1),
            "npg" => ("Npg", options.Npg.Network.HiddenWidth, options.Npg.Network.HiddenLayers, 1, 0, 1),
            "trpo" => ("Trpo", options.Trpo.Network.HiddenWidth, options.Trpo.Network.HiddenLayers, 1, 0, 1),
            "reinforce" => ("Reinforce", options.Reinforce.Network.HiddenWidth, options.Reinforce.Network.HiddenLayers, 1, 0, 1),
            _ => ("BatchActorCritic", options.BatchActorCritic.Network.HiddenWidth, options.BatchActorCritic.Network.HiddenLayers, 1, 0, 1),
        };
        int inputs = observationSize + actions.ActionSize;
        long network = sizeof(float) * (((long)inputs * width) + ((layers - 1L) * width * (width + 1)) + (2L * width * actions.ActionSize));
        // Observation, next observation, action and reward; end, learnable and sequence number.
        long transition = (sizeof(float) * (2 + (2L * observationSize) + actions.ActionSize)) + 10;
        bool onPolicy = options.Algorithm is "ppo" or "a2c" or "a3c" or "npg" or "trpo" or "reinforce" or "batch-actor-critic";
        return new Need(
            $"Learner:{section}",
            $"Learner:{section}{(onPolicy ? ":Network" : "")}",
            width,
            layers,
            capacity,
            batch,
            transition,
            capacity * transition,
            network * (BlocksOfPolicy + (critics * BlocksOfNetwork)),
            (long)sizeof(float) * batch * width * layers * RowsOfBatch,
            network * (SavedOfPolicy + (critics * SavedOfNetwork))
        );
    }

    /// <summary>Bytes of the parts, and the options that ask for them.</summary>
    private sealed record Need(
        string Path,
        string NetworkPath,
        int Width,
        int Layers,
        int Capacity,
        int Rows,
        long Transition,
        long Replay,
        long Networks,
        long Batch,
        long Checkpoint
    )
    {
        public long Total => Replay + Networks + Batch;
    }
}
