namespace RobotRl.Hardware.Protocols.Dynamixel;

/// <summary>What differs between servo models.</summary>
/// <param name="Name">The maker's name.</param>
/// <param name="Number">What register 0 holds.</param>
/// <param name="HasCurrent">Whether register 126 is a current and there is a current goal; else it is a load.</param>
/// <param name="CurrentLimit">Factory value of the current limit, mA; 0 where there is none.</param>
/// <param name="VelocityLimit">Factory value of the velocity limit, register units.</param>
/// <param name="StallTorqueNm">Stall torque at <paramref name="RatedVoltage"/>.</param>
/// <param name="StallCurrentA">Stall current there.</param>
/// <param name="RatedVoltage">Recommended supply, V.</param>
/// <param name="MinVoltage">Factory value of the least supply, V.</param>
/// <param name="MaxVoltage">Factory value of the greatest supply, V.</param>
/// <param name="TemperatureLimit">Factory value of the temperature limit, degrees Celsius.</param>
/// <remarks>
/// Source: ROBOTIS e-manual, pages of the models named in <see cref="All"/>; limits: initial values of registers 31, 32 and 34 of
/// their control tables.
/// </remarks>
public sealed record DynamixelModel(
    string Name,
    ushort Number,
    bool HasCurrent,
    int CurrentLimit,
    int VelocityLimit,
    double StallTorqueNm,
    double StallCurrentA,
    double RatedVoltage,
    double MinVoltage,
    double MaxVoltage,
    int TemperatureLimit
)
{
    /// <summary>XL330-M077-T.</summary>
    public static DynamixelModel Xl330M077 { get; } = new("xl330-m077", 1190, true, 1750, 1620, 0.215, 1.47, 5, 3.5, 7, 70);

    /// <summary>XL330-M288-T.</summary>
    public static DynamixelModel Xl330M288 { get; } = new("xl330-m288", 1200, true, 1750, 445, 0.52, 1.47, 5, 3.5, 7, 70);

    /// <summary>XL430-W250-T.</summary>
    public static DynamixelModel Xl430W250 { get; } = new("xl430-w250", 1060, false, 0, 265, 1.4, 1.3, 11.1, 6, 14, 72);

    /// <summary>Every model known here.</summary>
    public static IReadOnlyList<DynamixelModel> All { get; } = [Xl330M077, Xl330M288, Xl430W250];

    /// <summary>The model of that number; null where it is not known here.</summary>
    public static DynamixelModel? Find(int number) => All.FirstOrDefault(model => model.Number == number);

    /// <summary>The model of that name, in any case of letters; null where it is not known here.</summary>
    public static DynamixelModel? Find(string name) =>
        All.FirstOrDefault(model => string.Equals(model.Name, name, StringComparison.OrdinalIgnoreCase));
}
