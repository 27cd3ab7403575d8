using RobotRl.Hardware.Protocols.Dynamixel;
using Xunit;

namespace RobotRl.Hardware.Tests.Protocols.Dynamixel;

public sealed class DynamixelUnitsTests
{
    [Fact]
    public void PositionRad_MiddleAndQuarter_AreAsInTheManual()
    {
        Assert.Equal(0, DynamixelUnits.PositionRad(2048));
        Assert.Equal(Math.PI / 2, DynamixelUnits.PositionRad(3072), 12);
        Assert.Equal(1024, DynamixelUnits.PositionTicks(-Math.PI / 2));
    }

    [Fact]
    public void VelocityRadPerSecond_OneUnit_IsThatOfTheManual() => Assert.Equal(0.02397, DynamixelUnits.VelocityRadPerSecond(1), 5);

    [Fact]
    public void PositionTicks_EveryTick_ComesBack()
    {
        for (int ticks = -DynamixelUnits.MaxExtendedTicks; ticks <= DynamixelUnits.MaxExtendedTicks; ticks += 37)
        {
            Assert.Equal(ticks, DynamixelUnits.PositionTicks(DynamixelUnits.PositionRad(ticks)));
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Raw_NotFinite_Throws(double value)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => DynamixelUnits.PositionTicks(value));
        Assert.Throws<ArgumentOutOfRangeException>(() => DynamixelUnits.VelocityRaw(value));
        Assert.Throws<ArgumentOutOfRangeException>(() => DynamixelUnits.CurrentRaw(value));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(20, 1)]
    [InlineData(21, 2)]
    [InlineData(100, 5)]
    [InlineData(60_000, 127)]
    public void WatchdogRaw_Timeout_IsNeverShorter(int ms, int raw) =>
        Assert.Equal(raw, DynamixelUnits.WatchdogRaw(TimeSpan.FromMilliseconds(ms)));

    [Fact]
    public void TryDecode_BlockOfRegisters_IsInSi()
    {
        var block = new byte[DynamixelReading.Length];
        Put(block, DynamixelTable.PresentCurrent, -250);
        Put(block, DynamixelTable.PresentVelocity, -100);
        Put(block, DynamixelTable.PresentPosition, 3072);
        Put(block, DynamixelTable.PresentVoltage, 51);
        Put(block, DynamixelTable.PresentTemperature, 36);
        Assert.True(DynamixelReading.TryDecode(block, DynamixelModel.Xl330M288, out DynamixelReading reading));
        Assert.Equal(-0.25, reading.Current, 9);
        Assert.Equal(-2.397, reading.VelocityRadPerSecond, 3);
        Assert.Equal(Math.PI / 2, reading.PositionRad, 9);
        Assert.Equal((5.1, 36.0), (Math.Round(reading.Volts, 9), reading.Celsius));
    }

    [Fact]
    public void TryDecode_ValuesNoServoReports_AreRefused()
    {
        (DynamixelRegister Register, int Value)[] wrong =
        [
            (DynamixelTable.PresentCurrent, 3001),
            (DynamixelTable.PresentVelocity, int.MinValue),
            (DynamixelTable.PresentVoltage, 201),
            (DynamixelTable.PresentTemperature, 121),
        ];
        foreach ((DynamixelRegister register, int value) in wrong)
        {
            var block = new byte[DynamixelReading.Length];
            Put(block, register, value);
            Assert.False(DynamixelReading.TryDecode(block, DynamixelModel.Xl330M288, out _));
        }

        Assert.False(DynamixelReading.TryDecode(new byte[DynamixelReading.Length - 1], DynamixelModel.Xl330M288, out _));
    }

    private static void Put(byte[] block, DynamixelRegister register, int value) =>
        register.Encode(value, block.AsSpan(register.Address - DynamixelReading.FirstAddress));
}
