namespace RobotRl.Runtime.Configuration;

/// <summary>The keys that somebody who wrote an unknown one may have meant.</summary>
internal static class NearestKeys
{
    private const int Shown = 3;

    private static readonly string[] Known = [.. OptionNode.Root.All().Where(n => n.Path.Length > 0).Select(n => n.Path)];

    /// <summary>At most three known keys, nearest first: by the whole path and by its last part.</summary>
    public static IReadOnlyList<string> Of(string path) => Of(path, Known);

    /// <summary>The same among <paramref name="known"/>.</summary>
    public static IReadOnlyList<string> Of(string path, IEnumerable<string> known) =>
        [
            .. known
                .Select(k => (Key: k, Cost: Cost(path, k)))
                .OrderBy(k => k.Cost)
                .ThenBy(k => k.Key, StringComparer.Ordinal)
                .Take(Shown)
                .Select(k => k.Key),
        ];

    private static int Cost(string path, string key)
    {
        int whole = Distance(path, key);
        int last = Distance(Last(path), Last(key));
        // The right last part in the wrong section costs little; the whole path breaks ties.
        return Math.Min(whole * 4, (last * 4) + 3) * 64 + whole;
    }

    private static string Last(string path) => path[(path.LastIndexOf(':') + 1)..];

    /// <summary>Levenshtein distance, whatever the case.</summary>
    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                int change = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + change);
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
