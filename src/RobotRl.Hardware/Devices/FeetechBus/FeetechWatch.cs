using System.Globalization;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>
/// Signs of life to the guardian, and what follows where there is none. Where this process stood still for longer than the
/// guardian waits, or the guardian is gone, nothing may be commanded any more: the servos were stopped from outside, or nobody
/// would stop them. One thread.
/// </summary>
internal sealed class FeetechWatch(IFeetechGuardian? guardian, CheckedPositions positions, MonotonicStamp clock, TimeSpan timeout)
{
    private long _last;

    /// <summary>Why nothing may be commanded any more; null where it may. It lasts until <see cref="Reset"/>.</summary>
    public string? Abandoned { get; private set; }

    /// <summary>The sign of life of a cycle.</summary>
    public void Beat(bool powered)
    {
        if (powered && guardian is not null && Abandoned is null)
        {
            TimeSpan still = clock.Since(_last);
            if (still > timeout)
            {
                Abandoned = string.Create(
                    CultureInfo.InvariantCulture,
                    $"Robot {FeetechBusDevice.Kind}: the process stood still for {still.TotalMilliseconds:0} ms, and its "
                        + $"guardian has stopped the servos."
                );
                return;
            }

            if (!TryBeat(powered: true))
            {
                Abandoned = $"Robot {FeetechBusDevice.Kind}: its guardian has ended; nobody would stop the servos if this process died.";
            }

            return;
        }

        if (!TryBeat(powered))
        {
            // Told now, not when somebody arms; clearing the fault makes a new connection with a new guardian.
            Abandoned ??=
                $"Robot {FeetechBusDevice.Kind}: its guardian has ended; nobody would stop the servos if this process died. "
                + $"Arming starts another one.";
        }
    }

    /// <summary>One more sign of life. False where nobody hears it.</summary>
    public bool TryBeat(bool powered)
    {
        _last = clock.Now;
        return guardian is null || guardian.Beat(powered, positions);
    }

    /// <summary>A new connection.</summary>
    public void Reset() => Abandoned = null;
}
