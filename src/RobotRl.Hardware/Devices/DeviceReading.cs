using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Devices;

/// <summary>Result of <see cref="IDevice.Exchange"/>.</summary>
/// <param name="Status">Ok; NotFresh where no answer came in time; DeviceFault; LinkLost where the link itself is gone.</param>
/// <param name="TimestampTicks">Monotonic time at which the device took the reading, as near as can be told, in ticks of 100 ns;
/// 0 where there is none.</param>
public readonly record struct DeviceReading(IoStatus Status, long TimestampTicks)
{
    /// <summary>Whether answers to earlier cycles came: too late to be a reading, but the link lives.</summary>
    public bool CameLate { get; init; }
}
