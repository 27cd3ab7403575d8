namespace RobotRl.Hardware.Devices;

/// <summary>Checks of the servos on a serial bus, by the names of their joints.</summary>
internal static class BusJoints
{
    /// <summary>All problems, one sentence each.</summary>
    /// <param name="path">Key of the options that have them under <c>Servos</c>.</param>
    /// <param name="servos">The servos; one may be null, where a file says so.</param>
    /// <param name="validate">Problems of one under its own key.</param>
    /// <param name="id">Its id on the bus.</param>
    public static IEnumerable<string> Problems<TServo>(
        string path,
        IReadOnlyDictionary<string, TServo> servos,
        Func<TServo, string, IEnumerable<string>> validate,
        Func<TServo, int> id
    )
    {
        foreach ((string joint, TServo servo) in servos)
        {
            if (servo is null)
            {
                yield return $"{path}:Servos:{joint} is null; allowed: a servo such as {{ \"Id\": 3 }}. Fill it in or remove it.";
                continue;
            }

            if (joint.Length == 0 || joint.Contains('/', StringComparison.Ordinal))
            {
                yield return $"{path}:Servos:{joint} is no name of a joint; allowed: any text without \"/\". Rename it.";
            }

            foreach (string problem in validate(servo, $"{path}:Servos:{joint}"))
            {
                yield return problem;
            }
        }

        foreach (
            IGrouping<int, string> twice in servos
                .Where(s => s.Value is not null)
                .GroupBy(s => id(s.Value), s => s.Key)
                .Where(g => g.Count() > 1)
        )
        {
            yield return FormattableString.Invariant(
                $"{path}:Servos: {string.Join(" and ", twice)} have the same Id {twice.Key}; allowed: one servo each. Correct the ids."
            );
        }
    }
}
