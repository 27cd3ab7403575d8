using RobotRl.Algorithms;
using RobotRl.Algorithms.Spaces;
using RobotRl.Runtime.Learning;

namespace RobotRl.Runtime.Commands.Bench;

/// <summary>One row of the table: a managed learner with two hidden layers of a width, and a minibatch where it has one.</summary>
/// <param name="Learner">Its name in <c>Learner:Algorithm</c>.</param>
/// <param name="Width">Width of each hidden layer.</param>
/// <param name="Batch">Samples per minibatch; null for a learner that learns from each transition once.</param>
internal sealed record BenchCase(string Learner, int Width, int? Batch)
{
    /// <summary>Transitions that replay holds before anything is timed: sampling then misses the caches as it does on a robot.</summary>
    public const int Filled = 10_000;

    /// <summary>Learners with a managed form that are worth a row, in the table's order.</summary>
    public static readonly string[] Learners = ["sac", "td3", "droq", "crossq", "stream-actor-critic", "avg"];

    /// <summary>Whether it learns from each transition once, at once: its updates per transition are 1, always.</summary>
    public static bool Streams(string learner) => !LearnerBackends.Both.Contains(learner);

    /// <summary>The learner's options; everything that is not in the row has its default.</summary>
    /// <param name="updatesPerTransition">UTD that is asked for; without effect on a streaming learner.</param>
    public LearnerOptions Options(double updatesPerTransition)
    {
        // What is due may wait for the next tick, never longer: a longer backlog would hide for seconds that the learner falls behind.
        int backlog = (int)Math.Max(2, Math.Ceiling(2 / updatesPerTransition));
        int batch = Batch ?? 0,
            capacity = 2 * Filled;
        var options = new LearnerOptions
        {
            Algorithm = Learner,
            Backend = "managed",
            Device = "cpu",
            MaxBacklogSteps = backlog,
        };
        return Learner switch
        {
            "sac" => options with
            {
                Sac = new()
                {
                    HiddenWidth = Width,
                    BatchSize = batch,
                    UpdatesPerTransition = updatesPerTransition,
                    ReplayCapacity = capacity,
                },
            },
            "td3" => options with
            {
                Td3 = new()
                {
                    HiddenWidth = Width,
                    BatchSize = batch,
                    UpdatesPerTransition = updatesPerTransition,
                    ReplayCapacity = capacity,
                },
            },
            "droq" => options with
            {
                Droq = new()
                {
                    HiddenWidth = Width,
                    BatchSize = batch,
                    UpdatesPerTransition = updatesPerTransition,
                    ReplayCapacity = capacity,
                },
            },
            "crossq" => options with
            {
                CrossQ = new()
                {
                    HiddenWidth = Width,
                    BatchSize = batch,
                    UpdatesPerTransition = updatesPerTransition,
                    ReplayCapacity = capacity,
                },
            },
            "stream-actor-critic" => options with { StreamActorCritic = new() { HiddenWidth = Width } },
            "avg" => options with { Avg = new() { HiddenWidth = Width } },
            _ => throw new ArgumentException(
                $"No learner \"{Learner}\" in the table; there are: {string.Join(", ", Learners)}.",
                nameof(updatesPerTransition)
            ),
        };
    }

    /// <summary>Updates after which the work repeats: where the policy is updated at every n-th only.</summary>
    public int Cycle
    {
        get
        {
            LearnerOptions options = Options(1);
            return Learner switch
            {
                "td3" => options.Td3.PolicyDelay,
                "droq" => options.Droq.PolicyDelay,
                "crossq" => options.CrossQ.PolicyDelay,
                _ => 1,
            };
        }
    }

    /// <summary>Makes the learner and shows it <see cref="Filled"/> transitions; a streaming one keeps the last.</summary>
    public ILearner CreateLearner(double updatesPerTransition, BenchExperience experience)
    {
        ILearner learner = LearnerFactory.Create(
            Options(updatesPerTransition),
            experience.Observations,
            new ContinuousActionSpace(experience.Actions),
            seed: 1
        );
        for (int i = 0; i < Filled; i++)
        {
            experience.Show(learner);
        }

        return learner;
    }
}
