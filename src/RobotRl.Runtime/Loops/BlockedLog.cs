using Microsoft.Extensions.Logging;
using RobotRl.Hardware.Safety;

namespace RobotRl.Runtime.Loops;

/// <summary>Logs once when joints become blocked, and when none is any more. One thread.</summary>
/// <param name="watch">What knows of them; null for none.</param>
/// <param name="log">Log.</param>
internal sealed class BlockedLog(FollowWatch? watch, ILogger log)
{
    private int _told;

    /// <summary>Looks, and logs a change of how many they are.</summary>
    public void Look()
    {
        if (watch is null || watch.BlockedCount is var blocked && blocked == _told)
        {
            return;
        }

        _told = blocked;
        if (blocked == 0)
        {
            log.LogInformation("No joint is blocked any more.");
        }
        else
        {
            log.LogWarning("Blocked under load, which stops nothing: {Joints}.", string.Join("; ", watch.Blocked()));
        }
    }
}
