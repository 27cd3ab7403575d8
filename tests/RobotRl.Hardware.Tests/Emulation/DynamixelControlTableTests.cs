using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Tests.Emulation;

/// <summary>
/// Walks the control tables of the ROBOTIS e-manual, register by register: https://emanual.robotis.com/docs/en/dxl/x/xl330-m288/ and
/// https://emanual.robotis.com/docs/en/dxl/x/xl430-w250/, sections "Control Table of EEPROM Area" and "Control Table of RAM Area"; errors:
/// https://emanual.robotis.com/docs/en/dxl/protocol2/, section "Error".
/// </summary>
public sealed class DynamixelControlTableTests
{
    private const int Any = int.MinValue;

    // Address, bytes, name in the manual, access, initial value, least and greatest. Two initial values are the emulated bus's own:
    // the baud rate (1 Mbaud) and the firmware.
    private const string Common = """
        2 4 ModelInformation R - - -
        6 1 FirmwareVersion R - - -
        7 1 ID RW 1 0 252
        9 1 ReturnDelayTime RW 250 0 254
        11 1 OperatingMode RW 3 - 16
        12 1 SecondaryID RW 255 0 255
        20 4 HomingOffset RW 0 -1044479 1044479
        24 4 MovingThreshold RW 10 0 1023
        31 1 TemperatureLimit RW - 0 100
        36 2 PWMLimit RW 885 0 885
        48 4 MaxPositionLimit RW 4095 0 4095
        52 4 MinPositionLimit RW 0 0 4095
        60 1 StartupConfiguration RW 0 0 3
        64 1 TorqueEnable RW 0 0 1
        65 1 LED RW 0 0 1
        68 1 StatusReturnLevel RW 2 - 2
        69 1 RegisteredInstruction R 0 - -
        70 1 HardwareErrorStatus R 0 - -
        76 2 VelocityIGain RW - 0 16383
        78 2 VelocityPGain RW - 0 16383
        80 2 PositionDGain RW - 0 16383
        82 2 PositionIGain RW 0 0 16383
        84 2 PositionPGain RW - 0 16383
        88 2 Feedforward2ndGain RW 0 0 16383
        90 2 Feedforward1stGain RW 0 0 16383
        98 1 BusWatchdog RW 0 0 127
        100 2 GoalPWM RW 885 -885 885
        108 4 ProfileAcceleration RW 0 0 32767
        112 4 ProfileVelocity RW 0 0 32767
        116 4 GoalPosition RW 2048 0 4095
        120 2 RealtimeTick R - - -
        122 1 Moving R 0 - -
        123 1 MovingStatus R 0 - -
        124 2 PresentPWM R 0 - -
        126 2 PresentCurrentOrLoad R 0 - -
        128 4 PresentVelocity R 0 - -
        132 4 PresentPosition R 2048 - -
        136 4 VelocityTrajectory R 0 - -
        140 4 PositionTrajectory R 2048 - -
        144 2 PresentInputVoltage R - - -
        146 1 PresentTemperature R 25 - -
        147 1 BackupReady R 0 - -
        """;

    private const string Xl330 = """
        0 2 ModelNumber R 1200 - -
        8 1 BaudRate RW - 0 6
        10 1 DriveMode RW 0 0 13
        13 1 ProtocolType RW 2 2 22
        32 2 MaxVoltageLimit RW 70 31 70
        34 2 MinVoltageLimit RW 35 31 70
        38 2 CurrentLimit RW 1750 0 1750
        44 4 VelocityLimit RW 445 0 2047
        62 1 PWMSlope RW 140 1 255
        63 1 Shutdown RW 53 0 53
        102 2 GoalCurrent RW 1750 -1750 1750
        104 4 GoalVelocity RW 0 -445 445
        168 2 IndirectAddress1 RW 208 64 227
        206 2 IndirectAddress20 RW 227 64 227
        208 1 IndirectData1 RW 0 0 255
        227 1 IndirectData20 RW 0 0 255
        """;

    private const string Xl430 = """
        0 2 ModelNumber R 1060 - -
        8 1 BaudRate RW - 0 7
        10 1 DriveMode RW 0 0 13
        13 1 ProtocolType RW 2 1 2
        32 2 MaxVoltageLimit RW 140 60 140
        34 2 MinVoltageLimit RW 60 60 140
        44 4 VelocityLimit RW 265 0 1023
        63 1 Shutdown RW 52 0 61
        104 4 GoalVelocity RW 0 -265 265
        168 2 IndirectAddress1 RW 224 64 661
        222 2 IndirectAddress28 RW 251 64 661
        224 1 IndirectData1 RW 0 0 255
        251 1 IndirectData28 RW 0 0 255
        578 2 IndirectAddress29 RW 634 64 661
        632 2 IndirectAddress56 RW 661 64 661
        634 1 IndirectData29 RW 0 0 255
        661 1 IndirectData56 RW 0 0 255
        """;

    private static readonly DynamixelRegister[] s_goals =
    [
        DynamixelTable.GoalPwm,
        DynamixelTable.GoalCurrent,
        DynamixelTable.GoalVelocity,
        DynamixelTable.GoalPosition,
    ];

    [Theory]
    [InlineData("xl330-m288")]
    [InlineData("xl430-w250")]
    public void Read_EveryRegisterOfANewServo_HoldsTheManualsInitialValue(string model)
    {
        DynamixelHost host = New(model);
        foreach (Row row in Rows(model).Where(r => r.Initial != Any))
        {
            Assert.True(host.Read(1, row.Register) == row.Initial, $"{row.Name}: {host.Read(1, row.Register)} instead of {row.Initial}");
        }

        // What differs: gains and temperature limits (same tables).
        int[] expected = model == "xl330-m288" ? [1600, 180, 0, 400, 70] : [1000, 100, 4000, 640, 72];
        Assert.Equal(
            expected,
            new[] { 76, 78, 80, 84 }.Select(a => host.Read(1, new((ushort)a, 2))!.Value).Append(host.Read(1, new(31, 1))!.Value)
        );
    }

    [Theory]
    [InlineData("xl330-m288")]
    [InlineData("xl430-w250")]
    public void Write_EveryRegister_TakesTheManualsRangeAndNothingBeyond(string model)
    {
        foreach (Row row in Rows(model).Where(r => r.IsWritable && r.Name != "ID"))
        {
            DynamixelHost host = New(model);
            DynamixelError beyond = s_goals.Contains(row.Register) ? DynamixelError.DataLimit : DynamixelError.DataRange;
            AssertWrite(row.Minimum, DynamixelError.None);
            AssertWrite(row.Maximum, DynamixelError.None);
            AssertWrite(row.Minimum == Any ? Any : row.Minimum - 1L, beyond);
            AssertWrite(row.Maximum + 1L, beyond);

            void AssertWrite(long value, DynamixelError error)
            {
                if (value == Any || !Fits(row.Register, value))
                {
                    return;
                }

                int before = host.Read(1, row.Register)!.Value;
                bool done = host.Write(1, row.Register, (int)value);
                Assert.True((done ? DynamixelError.None : host.Error) == error, $"{row.Name} = {value}: {host.Error} instead of {error}");
                Assert.Equal(done ? (int)value : before, host.Read(1, row.Register));
            }
        }
    }

    [Theory]
    [InlineData("xl330-m288")]
    [InlineData("xl430-w250")]
    public void Write_EveryRegisterOfWrongLength_IsADataLengthError(string model)
    {
        DynamixelHost host = New(model);
        foreach (Row row in Rows(model).Where(r => r.IsWritable && r.Register.Size > 1))
        {
            for (int length = 1; length < row.Register.Size; length++)
            {
                Assert.Equal(DynamixelError.DataLength, host.WriteBytes(1, row.Register.Address, new byte[length]));
            }

            Assert.Equal(DynamixelError.DataLength, host.WriteBytes(1, row.Register.Address + 1, new byte[1]));
        }

        // A whole register and part of the next.
        Assert.Equal(DynamixelError.DataLength, host.WriteBytes(1, DynamixelTable.ProfileVelocity.Address, new byte[6]));
    }

    [Theory]
    [InlineData("xl330-m288")]
    [InlineData("xl430-w250")]
    public void Write_EveryAddress_IsRefusedWhereTheManualHasNothingToWrite(string model)
    {
        DynamixelHost host = New(model);
        var rows = Rows(model).ToDictionary(r => (int)r.Register.Address);
        for (int address = 0; address < 168; address++)
        {
            bool inside = rows.Values.Any(r => r.IsWritable && address >= r.Register.Address && address < r.Register.End);
            if (!inside)
            {
                Assert.True(
                    host.WriteBytes(1, address, new byte[rows.TryGetValue(address, out Row? row) ? row.Register.Size : 1])
                        == DynamixelError.Access,
                    $"address {address}"
                );
            }
        }

        Assert.Equal(DynamixelError.Access, host.WriteBytes(1, 700, new byte[1]));
    }

    [Theory]
    [InlineData("xl330-m288")]
    [InlineData("xl430-w250")]
    public void Write_EveryRegisterUnderTorque_IsRefusedInTheEepromAreaAlone(string model)
    {
        DynamixelHost host = New(model);
        host.Write(1, DynamixelTable.TorqueEnable, 1);
        foreach (Row row in Rows(model).Where(r => r.IsWritable && r.Name != "StatusReturnLevel"))
        {
            bool done = host.Write(1, row.Register, host.Read(1, row.Register)!.Value);
            Assert.True(done == row.Register.Address >= 64, $"{row.Name}: {host.Error}");
            Assert.True(done || host.Error == DynamixelError.Access, row.Name);
        }
    }

    [Theory]
    [InlineData("xl330-m288", new[] { 0, 1, 3, 4, 5, 16 }, new[] { 0x35 })]
    [InlineData("xl430-w250", new[] { 1, 3, 4, 16 }, new[] { 0x3D })]
    public void Write_ModesAndBits_OnlyThoseThatTheManualNames(string model, int[] modes, int[] shutdown)
    {
        DynamixelHost host = New(model);
        for (int value = 0; value < 256; value++)
        {
            Assert.Equal(modes.Contains(value), host.Write(1, DynamixelTable.OperatingMode, value));
            Assert.Equal((value & ~13) == 0, host.Write(1, DynamixelTable.DriveMode, value));
            Assert.Equal((value & ~shutdown[0]) == 0, host.Write(1, DynamixelTable.Shutdown, value));
        }
    }

    private static DynamixelHost New(string model) => new(1, DynamixelModel.Find(model));

    private static bool Fits(DynamixelRegister register, long value) =>
        (register.Size, register.IsSigned) switch
        {
            (1, _) => value is >= 0 and <= byte.MaxValue,
            (2, false) => value is >= 0 and <= ushort.MaxValue,
            (2, true) => value is >= short.MinValue and <= short.MaxValue,
            _ => value is >= int.MinValue and <= int.MaxValue,
        };

    private static List<Row> Rows(string model) =>
        [.. (Common + "\n" + (model == "xl330-m288" ? Xl330 : Xl430)).Split('\n').Select(Row.Parse)];

    private sealed record Row(DynamixelRegister Register, string Name, bool IsWritable, int Initial, int Minimum, int Maximum)
    {
        public static Row Parse(string line)
        {
            string[] parts = line.Trim().Split(' ');
            bool signed =
                parts[2].StartsWith("Goal", StringComparison.Ordinal)
                || parts[2].StartsWith("Present", StringComparison.Ordinal)
                || parts[2] == "HomingOffset";
            var register = new DynamixelRegister(ushort.Parse(parts[0]), byte.Parse(parts[1]), signed && parts[1] != "1");
            return new(register, parts[2], parts[3] == "RW", Number(parts[4]), Number(parts[5]), parts[6] == "-" ? Any : Number(parts[6]));
        }

        private static int Number(string text) => text == "-" ? Any : int.Parse(text);
    }
}
