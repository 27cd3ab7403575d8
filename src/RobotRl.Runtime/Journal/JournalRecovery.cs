using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Journal;

/// <summary>What opening a journal for writing found.</summary>
/// <param name="NextSequence">Sequence at which writing goes on.</param>
/// <param name="Damage">What was cut from the end (<see cref="JournalDamageKind.TornTail"/>) and what else was damaged in the newest segment.</param>
public sealed record JournalRecovery(long NextSequence, IReadOnlyList<JournalDamage> Damage)
{
    internal sealed record State(JournalRecovery Recovery, List<SegmentFormat.Segment> Segments, bool AppendToLast);

    /// <summary>Cuts the torn tail. Only the newest segment can have one: each is synced before the next is begun.</summary>
    internal static State Run(string directory, JournalLayout layout, IFileOpener files)
    {
        JournalReader.Open(directory, layout); // Refuses another layout before anything is touched.
        List<SegmentFormat.Segment> segments = SegmentFormat.List(directory);
        var damage = new List<JournalDamage>();
        byte[] bytes = [];
        long next = 0;
        while (segments.Count > 0)
        {
            SegmentFormat.Segment last = segments[^1];
            int length = SegmentFormat.ReadAll(last.Path, ref bytes);
            ReadOnlySpan<byte> data = bytes.AsSpan(0, length);
            bool sound = SegmentFormat.TryReadHeader(data, last.Path, out _, out long first) && first == last.First;
            next = Math.Max(next, last.First);
            (int end, long reached, bool any) = Scan(data, sound, last, layout, damage);
            next = Math.Max(next, reached);
            if (sound || any)
            {
                if (end < length)
                {
                    using IWritableFile file = files.OpenWrite(last.Path, FileMode.Open);
                    file.SetLength(end);
                    file.Sync();
                    damage.Add(new(JournalDamageKind.TornTail, last.Path, end, length - end, reached, null));
                }

                segments[^1] = last with { Length = end };
                return new(new(next, damage), segments, AppendToLast: sound && next == reached);
            }

            // Begun and never written: the crash came before its header was on disk.
            damage.Add(new(JournalDamageKind.TornTail, last.Path, 0, length, last.First, null));
            File.Delete(last.Path);
            files.SyncDirectory(directory);
            segments.RemoveAt(segments.Count - 1);
        }

        return new(new(next, damage), segments, AppendToLast: false);
    }

    private static (int End, long Reached, bool Any) Scan(
        ReadOnlySpan<byte> data, bool sound, SegmentFormat.Segment segment, JournalLayout layout, List<JournalDamage> damage)
    {
        int end = sound ? SegmentFormat.HeaderBytes : 0;
        long next = segment.First;
        bool any = false;
        while (SegmentFormat.FindFrame(data, end, layout.PayloadBytes, next, out long found) is >= 0 and int at)
        {
            if (!any && !sound)
            {
                damage.Add(new(JournalDamageKind.Header, segment.Path, 0, Math.Min(at, SegmentFormat.HeaderBytes), null, null));
                end = Math.Min(at, SegmentFormat.HeaderBytes);
            }

            if (at > end)
            {
                damage.Add(new(JournalDamageKind.Frames, segment.Path, end, at - end, found > next ? next : null, found > next ? found - 1 : null));
            }

            (end, next, any) = (at + SegmentFormat.FrameBytes(layout), found + 1, true);
        }

        return (end, next, any);
    }
}
