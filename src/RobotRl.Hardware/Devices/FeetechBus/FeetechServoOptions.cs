using System.Globalization;
using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>One servo of the bus.</summary>
public sealed record FeetechServoOptions
{
    /// <summary>Its id on the bus. Default 1: as delivered.</summary>
    public int Id { get; set; } = 1;

    /// <summary>How it is commanded. Default Position.</summary>
    public FeetechCommandMode Mode { get; set; } = FeetechCommandMode.Position;

    /// <summary>
    /// Fastest that it moves or may be commanded, rad/s at the joint. Default 3: 55% of the no-load speed of an STS3215 at 7.4 V
    /// (52 rev/min, data sheet), so that the speed is held under load too.
    /// </summary>
    public double MaxVelocity { get; set; } = 3;

    /// <summary>
    /// Acceleration of a move, rad/s^2 at the servo's horn; 0: as fast as it can. Default 0, since the runtime shapes the motion
    /// itself.
    /// </summary>
    public double Acceleration { get; set; }

    /// <summary>Torque that it may give, as a part of its stall torque. Default 1.</summary>
    public double TorqueLimit { get; set; } = 1;

    /// <summary>
    /// Least supply at which it may go on working, V. Default 4: the least that any STS3215 may be given (memory table, register
    /// 15), since the version is unknown.
    /// </summary>
    public double MinVoltage { get; set; } = 4;

    /// <summary>
    /// Greatest supply at which it may go on working, V. Default 14, the limit of an STS3215 for 12 V (memory table, register
    /// 14), since the version is unknown; set 8 for the one for 7.4 V.
    /// </summary>
    public double MaxVoltage { get; set; } = 14;

    /// <summary>
    /// Greatest temperature at which it may go on working, degrees Celsius. Default 70: the lowest that the limit register (13)
    /// of an STS3215 is delivered with; some versions say 80.
    /// </summary>
    public double MaxTemperature { get; set; } = 70;

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
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}:MaxVelocity is {MaxVelocity} rad/s; allowed: above 0, up to {fastest:0.##}. Set it below the no-load "
                    + $"speed of the servo."
            );
        }

        double hardest = byte.MaxValue * FeetechUnits.AccelerationPerUnit;
        if (!(Acceleration >= 0 && Acceleration <= hardest))
        {
            yield return FormattableString.Invariant(
                $"{path}:Acceleration is {Acceleration} rad/s^2; allowed: 0 to {hardest:0.##}. Set 0 for as fast as it can."
            );
        }

        if (!(TorqueLimit > 0 && TorqueLimit <= 1))
        {
            yield return FormattableString.Invariant(
                $"{path}:TorqueLimit is {TorqueLimit}; allowed: above 0, up to 1. Set 1 for all that the servo has."
            );
        }

        if (!(MinVoltage >= 0 && MinVoltage < MaxVoltage && double.IsFinite(MaxVoltage)))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}:MinVoltage is {MinVoltage} V; allowed: 0 to below {path}:MaxVoltage ({MaxVoltage} V). Set 4 and 8 "
                    + $"for a servo for 7.4 V, 4 and 14 for one for 12 V."
            );
        }

        if (!(MaxTemperature > 0 && MaxTemperature <= FeetechReading.MaxPlausibleTemperature))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}:MaxTemperature is {MaxTemperature} degrees Celsius; allowed: above 0, up to "
                    + $"{FeetechReading.MaxPlausibleTemperature}. Set 70 for an STS3215."
            );
        }
    }
}
