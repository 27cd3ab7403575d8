using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Journal;

/// <summary>What opening a journal for writing found.</summary>
/// <param name="NextSequence">Sequence at which writing goes on.</param>
/// <param name="Damage">What was cut from the end (<see cref="JournalDamageKind.TornTail"/>) and what else was damaged in the
/// newest segment.</param>
public sealed record JournalRecovery(long NextSequence, IReadOnlyList<JournalDamage> Damage)
{
    internal sealed record State(JournalRecovery Recovery, List<SegmentFormat.Segment> Segments, bool AppendToLast);

    /// <summary>Cuts the torn tail. Only the newest segment can have one: each is synced before the next is begun.</summary>
    internal static State Run(string directory, JournalLayout layout, JournalOrigin origin, IFileOpener files)
    {
        JournalReader.Open(directory, layout, origin); // Refuses another run or layout before anything is touched.
        List<SegmentFormat.Segment> segments = SegmentFormat.List(directory);
        var damage = new List<JournalDamage>();
        byte[] bytes = [];
        long next = 0;
        while (segments.Count > 0)
        {
            SegmentFormat.Segment last = segments[^1];
            int length = SegmentFormat.ReadAll(last.Path, ref bytes);
            ReadOnlySpan<byte> data = bytes.AsSpan(0, length);
            SegmentHeader? header = SegmentFormat.TryReadHeader(data, last.Path);
            bool sound = header is not null && header.First == last.First;
            next = Math.Max(next, last.First);
            SegmentHeader? like = header
                ?? segments.SkipLast(1).Reverse().Select(s => SegmentFormat.ReadHeader(s.Path)).FirstOrDefault(h => h is not null);
            (int end, long reached, bool any) = Scan(data, sound ? header!.Bytes : 0, last, like, layout, damage);
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
                return new(
                    new(next, damage),
                    segments,
                    AppendToLast: sound && next == reached && header!.Version == SegmentFormat.Version && header.Layout.Equals(layout)
                );
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
        ReadOnlySpan<byte> data,
        int headerBytes,
        SegmentFormat.Segment segment,
        SegmentHeader? like,
        JournalLayout layout,
        List<JournalDamage> damage
    )
    {
        int payloadBytes = (like?.Layout ?? layout).PayloadBytes,
            end = headerBytes;
        long next = segment.First;
        bool any = false;
        while (SegmentFormat.FindFrame(data, end, payloadBytes, next, out long found) is >= 0 and int at)
        {
            if (!any && headerBytes == 0)
            {
                end = Math.Min(at, like?.Bytes ?? SegmentFormat.MaxHeaderBytes);
                damage.Add(new(JournalDamageKind.Header, segment.Path, 0, end, null, null));
            }

            if (at > end)
            {
                damage.Add(
                    new(JournalDamageKind.Frames, segment.Path, end, at - end, found > next ? next : null, found > next ? found - 1 : null)
                );
            }

            (end, next, any) = (at + payloadBytes + SegmentFormat.FrameOverhead, found + 1, true);
        }

        return (end, next, any);
    }
}
