using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>One servo of the bus.</summary>
public sealed record FeetechServoOptions
{
    /// <summary>Its id on the bus. Default 1: as delivered.</summary>
    public int Id { get; set; } = 1;

    /// <summary>How it is commanded. Default Position.</summary>
    public FeetechCommandMode Mode { get; set; } = FeetechCommandMode.Position;

    /// <summary>Fastest that it moves or may be commanded, rad/s at the joint. Default 3: 55% of the no-load speed of an STS3215 at 7.4 V (52 rev/min, data sheet), so that the speed is held under load too.</summary>
    public double MaxVelocity { get; set; } = 3;

    /// <summary>Acceleration of a move, rad/s^2 at the servo's horn; 0: as fast as it can. Default 0, since the runtime shapes the motion itself.</summary>
    public double Acceleration { get; set; }

    /// <summary>Torque that it may give, as a part of its stall torque. Default 1.</summary>
    public double TorqueLimit { get; set; } = 1;

    /// <summary>All problems of these options, one sentence each.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (Id is < 0 or > FeetechProtocol.MaxId)
        {
            yield return $"{path}:Id is {Id}; allowed: 0 to {FeetechProtocol.MaxId}. Set the id of the servo.";
        }

        double fastest = FeetechReading.MaxPlausibleVelocity * FeetechUnits.RadPerTick;
        if (!(MaxVelocity > 0 && MaxVelocity <= fastest))
        {
            yield return FormattableString.Invariant($"{path}:MaxVelocity is {MaxVelocity} rad/s; allowed: above 0, up to {fastest:0.##}. Set it below the no-load speed of the servo.");
        }

        double hardest = byte.MaxValue * FeetechUnits.AccelerationPerUnit;
        if (!(Acceleration >= 0 && Acceleration <= hardest))
        {
            yield return FormattableString.Invariant($"{path}:Acceleration is {Acceleration} rad/s^2; allowed: 0 to {hardest:0.##}. Set 0 for as fast as it can.");
        }

        if (!(TorqueLimit > 0 && TorqueLimit <= 1))
        {
            yield return FormattableString.Invariant($"{path}:TorqueLimit is {TorqueLimit}; allowed: above 0, up to 1. Set 1 for all that the servo has.");
        }
    }
}
