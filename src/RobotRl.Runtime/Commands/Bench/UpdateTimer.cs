using System.Diagnostics;
using RobotRl.Algorithms;

namespace RobotRl.Runtime.Commands.Bench;

/// <summary>How long one update of a learner takes on this thread, with nothing else to do.</summary>
internal static class UpdateTimer
{
    private const int LeastBlocks = 3;
    private static readonly TimeSpan s_block = TimeSpan.FromMilliseconds(5);

    /// <summary>The median over blocks of updates (whole cycles of at least 5 ms), after a third of the time to warm up.</summary>
    /// <param name="row">The learner.</param>
    /// <param name="experience">What it learns from.</param>
    /// <param name="duration">How long to measure; slow updates take longer, three blocks at least.</param>
    public static TimeSpan Measure(BenchCase row, BenchExperience experience, TimeSpan duration)
    {
        using ILearner learner = row.CreateLearner(1, experience);
        bool streams = BenchCase.Streams(row.Learner);
        int cycle = row.Cycle,
            cycles = 1;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < duration / 3)
        {
            TimeSpan took = Block();
            cycles = took < s_block / 2 ? cycles * 2 : cycles;
        }

        var blocks = new List<double>();
        start = Stopwatch.GetTimestamp();
        while (blocks.Count < LeastBlocks || Stopwatch.GetElapsedTime(start) < duration)
        {
            blocks.Add(Block().TotalSeconds / ((double)cycles * cycle));
        }

        blocks.Sort();
        return TimeSpan.FromSeconds(blocks[blocks.Count / 2]);

        TimeSpan Block()
        {
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < cycles * cycle; i++)
            {
                if (streams)
                {
                    experience.Show(learner);
                }

                learner.Update();
            }

            return Stopwatch.GetElapsedTime(began);
        }
    }
}
