namespace RobotRl.Algorithms.Checkpoints;

/// <summary>What an exception of opening a file says about locks (flock, through .NET's exclusive share mode).</summary>
public static class FileLocks
{
    /// <summary>Whether another opening of the file, in this process or another, keeps this one out for now.</summary>
    public static bool IsHeldElsewhere(IOException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        const int tryAgain = 11,
            tryAgainMac = 35,
            sharing = unchecked((int)0x80070020); // EWOULDBLOCK from flock; ERROR_SHARING_VIOLATION.
        return exception.HResult is tryAgain or tryAgainMac or sharing;
    }
}
