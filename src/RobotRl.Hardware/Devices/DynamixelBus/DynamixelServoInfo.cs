namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>A servo as it was found on the bus.</summary>
/// <param name="Joint">Name of its joint.</param>
/// <param name="Id">Its id.</param>
/// <param name="Model">Its model.</param>
/// <param name="Firmware">Its firmware version.</param>
public sealed record DynamixelServoInfo(string Joint, int Id, string Model, int Firmware);
