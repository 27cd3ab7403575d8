namespace RobotRl.Hardware.Contracts;

/// <summary>
/// A robot behind the hardware abstraction layer: simulator, serial bus, MQTT peer or rig. Drivers own their I/O threads;
/// <see cref="Read"/> and <see cref="Write"/> only exchange mailboxes and never block, allocate or throw for an expected fault.
/// </summary>
/// <remarks>
/// <see cref="Read"/> and <see cref="Write"/>: control thread only. Lifecycle methods: one thread at a time, never the control
/// thread while it runs. <see cref="RequestStop"/> and the properties: any thread.
/// Implementations take the time from an injected <see cref="TimeProvider"/>'s monotonic stamp or, in lockstep, from their steps.
/// </remarks>
public interface IRobot : IDisposable
{
    /// <summary>
    /// Interfaces, ranges, period; fixed for life, but for command ranges that the first <see cref="Open"/> may make narrower by
    /// limits kept in the device.
    /// </summary>
    RobotDescription Description { get; }

    /// <summary>Lifecycle state.</summary>
    DeviceState State { get; }

    /// <summary>
    /// Why the device is <see cref="DeviceState.Faulted"/>, or what it says is wrong with it before it is, in one sentence; null
    /// where nothing is.
    /// </summary>
    string? FaultReason { get; }

    /// <summary>The hardest stop asked for and whether it was confirmed by read-back.</summary>
    StopStatus Stop { get; }

    /// <summary>Closed to Readable. Harmless where already open.</summary>
    /// <exception cref="RobotException">The device cannot be opened; the message names it and what to do.</exception>
    void Open();

    /// <summary>
    /// Readable to Powered, with the command equal to the measured pose (position) or to zero (velocity, effort), so that
    /// powering moves nothing. Harmless where already powered.
    /// </summary>
    /// <exception cref="RobotException">Closed, faulted, or no fresh reading.</exception>
    void PowerOn();

    /// <summary>Powered to Readable, commands at their safe values. Harmless elsewhere.</summary>
    void PowerOff();

    /// <summary>To Closed from any state, powering off first. Harmless where closed.</summary>
    void Close();

    /// <summary>Faulted to Readable once the cause is gone; harmless where not faulted. Never called by itself.</summary>
    /// <exception cref="RobotException">The cause persists.</exception>
    void ClearFault();

    /// <summary>
    /// Copies the newest reading, [states], in Readable, Powered or Faulted. A reading handed over before comes again with status
    /// NotFresh and its age.
    /// </summary>
    ReadResult Read(Span<double> state);

    /// <summary>
    /// Leaves a command, [commands], for the driver; only in Powered. A value not finite or out of range is refused whole.
    /// </summary>
    WriteResult Write(ReadOnlySpan<double> command);

    /// <summary>
    /// Asks the driver to stop; at once, from any thread, in any state. After ControlledStop or PowerOff the device ends in
    /// Faulted with the reason. Milder requests never weaken harder ones.
    /// </summary>
    void RequestStop(StopLevel level, string reason);
}
