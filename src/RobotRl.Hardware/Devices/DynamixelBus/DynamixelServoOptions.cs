using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>One servo of the bus.</summary>
public sealed record DynamixelServoOptions
{
    /// <summary>Its id on the bus. Default 1: as delivered.</summary>
    public int Id { get; set; } = 1;

    /// <summary>Its model: xl330-m077, xl330-m288 or xl430-w250. Default xl330-m288.</summary>
    public string Model { get; set; } = DynamixelModel.Xl330M288.Name;

    /// <summary>What it is commanded by. Default Position.</summary>
    public DynamixelCommandMode Mode { get; set; } = DynamixelCommandMode.Position;

    /// <summary>
    /// Greatest velocity that may be commanded, rad/s at the joint. Default null: the factory value of the model's velocity
    /// limit.
    /// </summary>
    public double? MaxVelocity { get; set; }

    /// <summary>Greatest current that may be commanded, A. Default null: the factory value of the model's current limit.</summary>
    public double? MaxCurrent { get; set; }

    /// <summary>
    /// Greatest part of its voltage that the servo's loops may give, above 0 up to 1. Default null: all of it. It bounds torque
    /// and speed (register 100).
    /// </summary>
    public double? MaxPwm { get; set; }

    /// <summary>
    /// Torque for a current, N m/A at the servo's horn; mode Current is then commanded in N m. Default null: it is commanded in
    /// A.
    /// </summary>
    public double? TorqueConstant { get; set; }

    /// <summary>All problems of these options, one sentence each.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (Id is < 0 or > DynamixelProtocol.MaxId)
        {
            yield return FormattableString.Invariant($"{path}:Id is {Id}; allowed: 0 to {DynamixelProtocol.MaxId}. Set the servo's id.");
        }

        DynamixelModel? model = DynamixelModel.Find(Model);
        if (model is null)
        {
            yield return $"{path}:Model is \"{Model}\"; allowed: {string.Join(", ", DynamixelModel.All.Select(m => m.Name))}. Set the "
                + $"servo's model.";
        }
        else if (Mode == DynamixelCommandMode.Current && !model.HasCurrent)
        {
            yield return $"{path}:Mode is Current; allowed for {model.Name}: Position, Velocity, because it has no current control. Set "
                + $"one of them.";
        }

        if (MaxVelocity is { } velocity && !(velocity > 0 && double.IsFinite(velocity)))
        {
            yield return FormattableString.Invariant(
                $"{path}:MaxVelocity is {velocity} rad/s; allowed: finite and above 0. Set it, or remove it."
            );
        }

        if (
            MaxCurrent is { } current
            && !(
                current > 0
                && current <= (model is { HasCurrent: true } ? model.CurrentLimit * DynamixelUnits.AmperesPerUnit : double.MaxValue)
            )
        )
        {
            string allowed = model is { HasCurrent: true }
                ? FormattableString.Invariant($"above 0 up to {model.CurrentLimit * DynamixelUnits.AmperesPerUnit} A")
                : "above 0";
            yield return FormattableString.Invariant($"{path}:MaxCurrent is {current} A; allowed: {allowed}. Set it, or remove it.");
        }

        if (MaxPwm is { } pwm && !(pwm > 0 && pwm <= 1))
        {
            yield return FormattableString.Invariant($"{path}:MaxPwm is {pwm}; allowed: above 0 up to 1. Set it, or remove it.");
        }

        if (TorqueConstant is { } constant && !(constant > 0 && double.IsFinite(constant)))
        {
            yield return FormattableString.Invariant(
                $"{path}:TorqueConstant is {constant} N m/A; allowed: finite and above 0. Set it, or remove it."
            );
        }
    }
}
