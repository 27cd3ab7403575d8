using System.Globalization;

namespace RobotRl.Hardware.Devices;

/// <summary>
/// How soon a bus answers at best. USB adapters collect bytes for 16 ms unless they are told not to; if that is longer than a cycle
/// awaits, no cable is at fault. One thread.
/// </summary>
internal sealed class ReplyLatency
{
    private long _sent,
        _fastest = long.MaxValue;

    /// <summary>The soonest answer so far; null before the first.</summary>
    public TimeSpan? Fastest => _fastest == long.MaxValue ? null : new(_fastest);

    /// <summary>A request leaves.</summary>
    public void Sent(long now) => _sent = now;

    /// <summary>Its first answer, or a later one, is there.</summary>
    public void Came(long now) => _fastest = Math.Min(_fastest, now - _sent);

    /// <summary>What to do if no answer can come within <paramref name="awaited"/>; null if one can, or none came yet.</summary>
    /// <param name="awaited">How long a reading is awaited.</param>
    /// <param name="port">Name of the port.</param>
    public string? Advice(TimeSpan awaited, string port)
    {
        if (!(Fastest > awaited))
        {
            return null;
        }

        string timer = $"/sys/bus/usb-serial/devices/{Path.GetFileName(port)}/latency_timer";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Answers on {port} take {Fastest.Value.TotalMilliseconds:0.#} ms or more, and a reading is awaited for "
                + $"{awaited.TotalMilliseconds:0.#} ms (ReplyTimeout): the USB adapter collects bytes. Set its latency timer to 1 "
                + $"ms (echo 1 > {timer}), or ControlPeriod to 50 ms or more"
        );
    }
}
