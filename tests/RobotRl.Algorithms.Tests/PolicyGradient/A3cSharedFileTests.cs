using System.Diagnostics;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Spaces;
using RobotRl.Algorithms.Tests.ActorCritic;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

/// <summary>The block of A3C in a file that several processes map: here each opening is one of them.</summary>
public sealed class A3cSharedFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("robotrl-a3c-").FullName;

    private string File => Path.Combine(_directory, "block");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Open_BySeveral_IsOneBlock_MadeByTheFirst_AndCountsTheUpdatesOfAll()
    {
        using A3cShared first = Open(seed: 1),
            second = Open(seed: 2);
        using var alone = new A3cShared(3, new DiscreteActionSpace(2), Options(), 1);
        Assert.False(first.Joined);
        Assert.True(second.Joined);
        Assert.Equal(alone.Parameters.ToArray(), first.Parameters.ToArray());
        Assert.Equal(first.Parameters.ToArray(), second.Parameters.ToArray());
        using A3cLearner one = new(first),
            two = new(second);
        using LearnerDriver driver = new(one, 1),
            other = new(two, 2);
        driver.Run(20, whenReady: true);
        other.Run(15, whenReady: true);
        Assert.Equal((4, 3, 7, 7), (one.Updates, two.Updates, first.Updates, second.Updates));
        Assert.Equal(first.Parameters.ToArray(), second.Parameters.ToArray());
        Assert.NotEqual(alone.Parameters.ToArray(), second.Parameters.ToArray());
        Assert.Equal(7, LearnerProbe.Metric(two, "shared/updates"));
    }

    [Fact]
    public void Update_ThroughTheFile_IsBitForBitThatOfAnOwnBlock()
    {
        float[] Run(A3cShared block)
        {
            using A3cLearner a = new(block),
                b = new(block);
            using LearnerDriver one = new(a, 1),
                two = new(b, 2);
            for (int t = 0; t < 100; t++)
            {
                one.Run(1, whenReady: true);
                two.Run(1, whenReady: true);
            }

            float[] parameters = block.Parameters.ToArray();
            block.Dispose();
            return parameters;
        }

        Assert.Equal(Run(new A3cShared(3, new DiscreteActionSpace(2), Options(), 7)), Run(Open(seed: 7)));
    }

    [Fact]
    public void Load_WhereOthersWentOn_KeepsTheirParameters_ElseTakesTheCheckpoint()
    {
        var saved = new MemoryState();
        float[] then,
            later;
        using (A3cShared shared = Open(seed: 1))
        {
            using var learner = new A3cLearner(shared);
            using var driver = new LearnerDriver(learner, 1);
            driver.Run(20, whenReady: true);
            learner.Save(saved);
            then = shared.Parameters.ToArray();
            driver.Run(20, whenReady: true);
            later = shared.Parameters.ToArray();
        }

        using (A3cShared shared = Open(seed: 3))
        {
            using var resumed = new A3cLearner(shared);
            resumed.Load(saved);
            Assert.Equal((4, 8), (resumed.Updates, shared.Updates));
            Assert.Equal(later, shared.Parameters.ToArray());
        }

        System.IO.File.Delete(File);
        using A3cShared anew = Open(seed: 3);
        using var first = new A3cLearner(anew);
        first.Load(saved);
        Assert.Equal(4, anew.Updates);
        Assert.Equal(then, anew.Parameters.ToArray());
    }

    [Fact]
    public void Open_ByManyAtOnce_IsMadeByOne()
    {
        using var start = new Barrier(8);
        A3cShared[] opened = new A3cShared[8];
        Thread[] threads =
        [
            .. Enumerable
                .Range(0, 8)
                .Select(i => new Thread(() =>
                {
                    start.SignalAndWait();
                    opened[i] = Open((ulong)i);
                })),
        ];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        Assert.Equal(7, opened.Count(o => o.Joined));
        Assert.All(opened, o => Assert.Equal(opened[0].Parameters.ToArray(), o.Parameters.ToArray()));
        Array.ForEach(opened, o => o.Dispose());
    }

    [Fact]
    public void Open_AFileThatItsMakerDidNotFinish_MakesItAnew()
    {
        using (A3cShared whole = Open(seed: 1)) { }

        // What a crash while it is written leaves: the mark of an unfinished file, and less of it than there should be.
        byte[] bytes = System.IO.File.ReadAllBytes(File);
        bytes[6] = 0;
        System.IO.File.WriteAllBytes(File, bytes[..5000]);
        using A3cShared again = Open(seed: 2);
        using var alone = new A3cShared(3, new DiscreteActionSpace(2), Options(), 2);
        Assert.False(again.Joined);
        Assert.Equal(alone.Parameters.ToArray(), again.Parameters.ToArray());
    }

    [Fact]
    public void Open_WhatIsOfAnotherShapeOrKind_SaysSo_AndLeavesIt()
    {
        using (A3cShared first = Open(seed: 1)) { }

        byte[] before = System.IO.File.ReadAllBytes(File);
        string shape = Refused(() => A3cShared.Open("cart-pole", 4, new DiscreteActionSpace(2), Options(), 1));
        Assert.Contains(
            $"Learner:A3c:SharedFile is \"{File}\", which holds parameters for task cart-pole, 3 observations, 2 choices, 2 "
                + $"hidden layers of 8",
            shape,
            StringComparison.Ordinal
        );
        Assert.Contains("this run's are for task cart-pole, 4 observations", shape, StringComparison.Ordinal);
        Assert.Contains(
            "pendulum",
            Refused(() => A3cShared.Open("pendulum", 3, new DiscreteActionSpace(2), Options(), 1)),
            StringComparison.Ordinal
        );
        Assert.Equal(before, System.IO.File.ReadAllBytes(File));

        System.IO.File.WriteAllBytes(File, before[..^4]);
        Assert.Contains("It was cut", Refused(() => Open(1)), StringComparison.Ordinal);
        System.IO.File.WriteAllText(File, "my diary");
        Assert.Contains("a file of another kind", Refused(() => Open(1)), StringComparison.Ordinal);
        Assert.Equal("my diary", System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void Open_WhereNoFileCanBe_SaysSoAtOnce()
    {
        A3cOptions options = Options();
        options.SharedFile = Path.Combine(_directory, "none", "block");
        Assert.Contains(
            "cannot be shared",
            Refused(() => A3cShared.Open("cart-pole", 3, new DiscreteActionSpace(2), options, 1)),
            StringComparison.Ordinal
        );

        // Only a lock is waited for.
        options.SharedFile = Path.Combine(_directory, new string('x', 300));
        long start = Stopwatch.GetTimestamp();
        Assert.Contains(
            "cannot be shared",
            Refused(() => A3cShared.Open("cart-pole", 3, new DiscreteActionSpace(2), options, 1)),
            StringComparison.Ordinal
        );
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 5);
    }

    [Fact]
    public void Open_ANumberThatIsNotFinite_SaysSo()
    {
        using (A3cShared first = Open(seed: 1)) { }

        using (FileStream stream = System.IO.File.OpenWrite(File))
        {
            stream.Position = 4096 + 40;
            stream.Write(BitConverter.GetBytes(float.NaN));
        }

        Assert.Contains("holds a number that is not finite", Refused(() => Open(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ANamedPipe_SaysSoAtOnce()
    {
        Process.Start("mkfifo", [File])!.WaitForExit();
        Assert.Contains("a file of another kind", Refused(() => Open(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_AfterDispose_Throw_NotCrash()
    {
        A3cShared shared = Open(seed: 1);
        shared.Dispose();
        shared.Dispose();
        Assert.Throws<ObjectDisposedException>(() => shared.Parameters.Length);
    }

    private static string Refused(Action open) => Assert.Throws<ArgumentException>(open).Message;

    private A3cShared Open(ulong seed) => A3cShared.Open("cart-pole", 3, new DiscreteActionSpace(2), Options(), seed);

    private A3cOptions Options() =>
        new()
        {
            Network = new() { HiddenWidth = 8 },
            StepsPerUpdate = 5,
            SharedFile = File,
        };
}
