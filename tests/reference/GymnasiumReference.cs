using System.Globalization;

namespace RobotRl.Reference;

/// <summary>One row of gymnasium_reference.csv.</summary>
internal sealed record GymnasiumStep(
    string Task,
    int Episode,
    int Step,
    double Action,
    double[] Before,
    double[] After,
    double Reward,
    bool Terminated,
    bool Truncated
);

/// <summary>The steps that gymnasium_reference.py recorded from Gymnasium itself.</summary>
internal static class GymnasiumReference
{
    /// <summary>All recorded steps of a task, states cut to their true size.</summary>
    public static List<GymnasiumStep> Steps(string task, int stateSize)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "gymnasium_reference.csv");
        var steps = new List<GymnasiumStep>();
        foreach (string line in File.ReadLines(path).Skip(1))
        {
            string[] words = line.Split(',');
            if (words[0] == task)
            {
                double[] n = [.. words[3..13].Select(w => double.Parse(w, CultureInfo.InvariantCulture))];
                steps.Add(
                    new(
                        task,
                        int.Parse(words[1], CultureInfo.InvariantCulture),
                        int.Parse(words[2], CultureInfo.InvariantCulture),
                        n[0],
                        n[1..(1 + stateSize)],
                        n[5..(5 + stateSize)],
                        n[9],
                        words[13] == "1",
                        words[14] == "1"
                    )
                );
            }
        }

        return steps.Count > 0 ? steps : throw new InvalidDataException($"{path} has no steps of {task}.");
    }
}
