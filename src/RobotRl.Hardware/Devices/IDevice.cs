using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Devices;

/// <summary>
/// What differs from device to device: how it is connected, read, commanded and switched. A <c>DeviceDriver</c> makes an
/// <see cref="IRobot"/> of it: thread, mailboxes, lifecycle, stops, reconnection. A device that people stop past the runtime is
/// an <see cref="IStopSource"/> too: the driver obeys it at once.
/// </summary>
/// <remarks>The driver calls it from one thread at a time, never the control thread. Times are the monotonic clock's.</remarks>
public interface IDevice : IDisposable
{
    /// <summary>
    /// Interfaces, ranges, period. Limits kept in the device may make command ranges narrower at the first <see cref="Connect"/>, never
    /// wider; then all is fixed for life: a device that is found with other limits when it is connected again is refused.
    /// </summary>
    RobotDescription Description { get; }

    /// <summary>
    /// What the device says is wrong with it, in one sentence that names it; null where nothing is. It stays until
    /// <see cref="ClearFault"/>.
    /// </summary>
    string? Fault { get; }

    /// <summary>Where to look when it does not answer, an order of a few words without full stop.</summary>
    string LinkAdvice => "Check cable and supply";

    /// <summary>
    /// Opens the link, finds the device, checks that it is what the options describe, and leaves it unpowered: a device found
    /// powered is switched off. Also used to connect again.
    /// </summary>
    /// <exception cref="RobotException">One sentence that names port or topic, what was found, what was expected, and what to
    /// do.</exception>
    void Connect();

    /// <summary>Closes the link; never throws, never hangs. Harmless where not connected.</summary>
    void Disconnect();

    /// <summary>
    /// One cycle: sends <paramref name="command"/> (nothing where it is empty) and takes a reading. Returns within the device's
    /// own time limit, well below the control period. Neither allocates nor throws for an expected fault.
    /// </summary>
    /// <param name="command">The newest command, [commands], in range; empty while not powered.</param>
    /// <param name="state">The reading, [states]; left as it was where the stamp is 0. With a fault the device may go on
    /// reporting: who arms has to see that it rests.</param>
    DeviceReading Exchange(ReadOnlySpan<double> command, Span<double> state);

    /// <summary>Switches power on so that nothing moves: position goals at <paramref name="state"/>, velocity and effort at zero.</summary>
    /// <exception cref="RobotException">The device refuses or does not confirm it.</exception>
    void PowerOn(ReadOnlySpan<double> state);

    /// <summary>
    /// Removes power and reads back. True where the device confirms it; false where it does not answer. Never throws; may be
    /// repeated.
    /// </summary>
    bool PowerOff();

    /// <summary>
    /// What is done with a powered device whose link is given up for lost: part of it may still listen. Nothing is expected to be
    /// confirmed. Default: <see cref="PowerOff"/>; a device that something else stops better leaves it to that. Never throws.
    /// </summary>
    void Abandon() => PowerOff();

    /// <summary>
    /// Power off was asked for: what <see cref="Connect"/> or <see cref="ClearFault"/> does gently now, it does at once, until
    /// the next <see cref="PowerOn"/>. Any thread; never waits.
    /// </summary>
    void Hurry() { }

    /// <summary>Has the device forget a fault of its own, where its cause is gone. Never called but on the operator's order.</summary>
    /// <exception cref="RobotException">The cause persists; the message names it.</exception>
    void ClearFault();
}
