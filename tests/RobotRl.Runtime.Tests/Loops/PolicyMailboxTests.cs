using RobotRl.Algorithms.Policies;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Tests.Admission;

namespace RobotRl.Runtime.Tests.Loops;

public sealed class PolicyMailboxTests
{
    [Fact]
    public void TryTake_SeveralOffers_TakesTheNewestOnce()
    {
        using var mailbox = new PolicyMailbox(LoopRig.Constant);
        Assert.False(mailbox.TryTake());
        Assert.False(mailbox.HasPolicy);
        for (int version = 1; version <= 4; version++)
        {
            mailbox.Offer(LoopRig.Block(version, version));
        }

        Assert.True(mailbox.TryTake());
        Assert.Equal((true, 4L), (mailbox.HasPolicy, mailbox.Front.Version));
        Assert.False(mailbox.TryTake());
    }

    [Fact]
    public void Load_FrontAndOffer_AreAsSaved()
    {
        using PolicyMailbox saved = new(LoopRig.Constant),
            loaded = new(LoopRig.Constant);
        saved.Offer(LoopRig.Block(0.1f, 1));
        saved.TryTake();
        saved.Offer(LoopRig.Block(0.2f, 2));
        var state = new MemoryState();
        saved.Save("p", state);

        // What the fresh side was offered meanwhile must not survive.
        loaded.Offer(LoopRig.Block(0.9f, 9));
        loaded.Load("p", state);
        Assert.Equal(1, loaded.Front.Version);
        Assert.Equal(Math.Tanh(0.1), Action(loaded), 1e-6);
        Assert.True(loaded.TryTake());
        Assert.Equal(2, loaded.Front.Version);
        Assert.False(loaded.TryTake());
    }

    [Fact]
    public void Load_NothingOffered_LeavesNothingToTake()
    {
        using PolicyMailbox saved = new(LoopRig.Constant),
            loaded = new(LoopRig.Constant);
        saved.Offer(LoopRig.Block(0.1f, 1));
        saved.TryTake();
        var state = new MemoryState();
        saved.Save("p", state);
        loaded.Offer(LoopRig.Block(0.9f, 9));
        loaded.Load("p", state);
        Assert.False(loaded.TryTake());
        Assert.Equal(1, loaded.Front.Version);
    }

    [Fact]
    public void OfferAndTake_TwoThreads_NeverTornNeverOlder_AllocatesNothing()
    {
        const int Offers = 60_000;
        using var mailbox = new PolicyMailbox(LoopRig.Constant);
        Exception? failure = null;
        long offered = 0;
        using var firstTaken = new ManualResetEvent(initialState: false);
        var blocks = new PolicyBlock[2] { new(LoopRig.Constant), new(LoopRig.Constant) };
        mailbox.Offer(blocks[0]);
        var learner = new Thread(() =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int version = 1; version <= Offers; version++)
            {
                PolicyBlock block = blocks[version & 1];
                block.Version = version;
                Array.Fill(block.Parameters, version / (float)Offers);
                mailbox.Offer(block);
                Volatile.Write(ref offered, version);
                if (version == Offers / 2)
                {
                    firstTaken.WaitOne(); // else one thread may be done before the other runs, and nothing is tested
                }
            }

            failure = GC.GetAllocatedBytesForCurrentThread() == before ? null : new InvalidOperationException("Offer allocated");
        })
        {
            IsBackground = true,
        };
        learner.Start();

        long newest = -1,
            taken = 0;
        float[] observation = [1f, 1f],
            action = [0f];
        while (newest < Offers)
        {
            long floor = Volatile.Read(ref offered);
            if (!mailbox.TryTake())
            {
                continue;
            }

            long version = mailbox.Front.Version;
            Assert.True(version > newest, $"{version} after {newest}");
            Assert.True(version >= floor, $"{version} taken, {floor} was offered before");
            mailbox.Front.ActFrozen(observation, action);
            Assert.Equal(MathF.Tanh(3 * (version / (float)Offers)), action[0], 1e-5f);
            (newest, taken) = (version, taken + 1);
            firstTaken.Set();
        }

        learner.Join();
        Assert.Null(failure);
        Assert.True(taken > 1);
    }

    private static double Action(PolicyMailbox mailbox)
    {
        float[] action = [0f];
        mailbox.Front.ActFrozen([0f, 0f], action);
        return action[0];
    }
}
