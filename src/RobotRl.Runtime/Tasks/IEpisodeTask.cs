namespace RobotRl.Runtime.Tasks;

/// <summary>A task that is another one in each episode, such as another target.</summary>
public interface IEpisodeTask : IControlTask
{
    /// <summary>
    /// Episode number <paramref name="episode"/> of the run begins: the same number is always the same episode. Control thread:
    /// no allocation, no exception.
    /// </summary>
    void BeginEpisode(long episode);
}
