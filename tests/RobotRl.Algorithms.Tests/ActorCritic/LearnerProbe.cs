namespace RobotRl.Algorithms.Tests.ActorCritic;

/// <summary>Looks into a learner by what it reports and saves.</summary>
internal static class LearnerProbe
{
    public static double Metric(ILearner learner, string name) => learner.Metrics.ToArray().Single(m => m.Name == name).Value;

    public static float[] Read(ILearner learner, string name, int length)
    {
        var state = new MemoryState();
        learner.Save(state);
        float[] values = new float[length];
        state.Read(name, values);
        return values;
    }
}
