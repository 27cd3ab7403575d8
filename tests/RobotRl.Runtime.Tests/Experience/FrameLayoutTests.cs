using System.Runtime.CompilerServices;
using RobotRl.Algorithms.Experience;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Journal;

namespace RobotRl.Runtime.Tests.Experience;

public sealed class FrameLayoutTests
{
    [Fact]
    public void View_WhatWasWritten_ComesBackFromItsOwnPlace()
    {
        var layout = new FrameLayout(ObservationSize: 3, ActionSize: 2, ContextSize: 4);
        byte[] frame = new byte[layout.Size];
        FrameLayout.MutableHeader(frame) = new FrameHeader
        {
            Sequence = 11,
            ReadingNs = 12,
            NextReadingNs = 13,
            PeriodNs = 14,
            PolicyVersion = 15,
            Episode = 16,
            Step = 17,
            ReasonBits = (uint)(GateReasons.Effort | GateReasons.Jerk),
            Reward = -1.5f,
            LogProbability = 0.25f,
            End = EpisodeEnd.Takeover,
            Learnable = 1,
            Gated = 1,
            Uniform = 1,
        };
        ((ReadOnlySpan<double>)[1, 2, 3, 4]).CopyTo(layout.Context(frame.AsSpan()));
        Fill(layout.Observation(frame), 10);
        Fill(layout.NextObservation(frame), 20);
        Fill(layout.Proposed(frame), 30);
        Fill(layout.PreSquash(frame), 40);
        Fill(layout.Executed(frame), 50);

        Transition view = layout.View(frame);
        Assert.Equal([10f, 11f, 12f], view.Observation.ToArray());
        Assert.Equal([20f, 21f, 22f], view.NextObservation.ToArray());
        Assert.Equal([30f, 31f], view.Proposed.ToArray());
        Assert.Equal([40f, 41f], view.PreSquash.ToArray());
        Assert.Equal([50f, 51f], view.Executed.ToArray());
        Assert.Equal([1.0, 2, 3, 4], layout.Context((ReadOnlySpan<byte>)frame).ToArray());
        Assert.Equal((11L, 15L, -1.5f, 0.25f), (view.Sequence, view.PolicyVersion, view.Reward, view.LogProbability));
        Assert.Equal((EpisodeEnd.Takeover, true, true), (view.End, view.Learnable, view.Gated));
        FrameHeader header = FrameLayout.Header(frame);
        Assert.Equal((12L, 13L, 14L, 16L, 17), (header.ReadingNs, header.NextReadingNs, header.PeriodNs, header.Episode, header.Step));
        Assert.Equal(GateReasons.Effort | GateReasons.Jerk, header.Reasons);
    }

    [Fact]
    public void Size_HoldsEverythingAndNoMore()
    {
        var layout = new FrameLayout(3, 2, 4);
        Assert.Equal(Unsafe.SizeOf<FrameHeader>() + (4 * 8) + (((2 * 3) + (3 * 2)) * 4), layout.Size);

        // The journal holds these bytes: their length is part of the format.
        Assert.Equal(80, Unsafe.SizeOf<FrameHeader>());
    }

    [Fact]
    public void Journal_NamesEachByteOfTheVectorsAndEachNumberOfTheHeader()
    {
        var layout = new FrameLayout(3, 2, 4) { ObservationNames = ["a", "b", "c"], StateNames = ["p", "q"] };
        byte[] frame = new byte[layout.Size];
        FrameLayout.MutableHeader(frame) = new FrameHeader
        {
            Actor = Actor.Script,
            Trajectory = 0x0102,
            Reward = 1.5f,
            Step = 17,
        };
        Fill(layout.Executed(frame), 50);
        JournalLayout journal = layout.Journal;
        Assert.Equal((2, 0x02, 0x01), (frame[At("actor")], frame[At("trajectory")], frame[At("trajectory") + 1]));
        Assert.Equal(1.5f, BitConverter.ToSingle(frame, At("reward")));
        Assert.Equal(17, BitConverter.ToInt32(frame, At("step")));
        Assert.Equal(50f, BitConverter.ToSingle(frame, At("executed_action")));
        Assert.Equal((2, 2), (journal.Find("state")!.Count, journal.Find("gate_state")!.Count));

        // No two fields share a byte, and only padding has no name.
        int[] owners = new int[layout.Size];
        foreach (JournalField field in journal.Fields)
        {
            owners.AsSpan(field.Offset, field.Bytes).ToArray().Index().ToList().ForEach(o => owners[field.Offset + o.Index]++);
        }

        Assert.Equal(1, owners.Max());
        Assert.Equal(6, owners.Count(o => o == 0));

        int At(string name) => journal.Find(name)!.Offset;
    }

    [Fact]
    public void Journal_OtherSizes_AreAnotherLayout()
    {
        Assert.NotEqual(new FrameLayout(3, 2, 4).Journal, new FrameLayout(3, 2, 5).Journal);
        Assert.NotEqual(new FrameLayout(3, 2, 4).Journal, new FrameLayout(4, 2, 4).Journal);
        Assert.Equal(new FrameLayout(3, 2, 4).Journal, new FrameLayout(3, 2, 4).Journal);
    }

    private static void Fill(Span<float> values, float first)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = first + i;
        }
    }
}
