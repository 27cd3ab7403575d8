using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Tests.Emulation;

/// <summary>
/// Walks each register of the STS3215 on the wire: initial value, range, access, what outlives the supply, with torque and without.
/// Source: Feetech, "STS series, memory table analysis", sections 2.1 to 2.5; null where it gives no initial value.
/// </summary>
public sealed class FeetechTableTests
{
    private const int Wide = int.MaxValue;

    // Address, bytes, sign bit, initial value, least, greatest. Least above greatest: read-only.
    private static readonly (byte Address, byte Size, byte Sign, int? Initial, int Least, int Greatest)[] s_table =
    [
        (0, 1, 0, null, 1, 0),
        (1, 1, 0, null, 1, 0),
        (2, 1, 0, 0, 1, 0),
        (3, 2, 0, 777, 1, 0),
        (6, 1, 0, 0, 0, 7),
        (7, 1, 0, 0, 0, 254),
        (8, 1, 0, 1, 0, 1),
        (9, 2, 0, 0, 0, 4094),
        (11, 2, 0, 4095, 0, 4095),
        (13, 1, 0, 70, 0, 100),
        (14, 1, 0, null, 0, 254),
        (15, 1, 0, 40, 0, 254),
        (16, 2, 0, 1000, 0, 1000),
        (18, 1, 0, null, 0, 254),
        (19, 1, 0, null, 0, 254),
        (20, 1, 0, null, 0, 254),
        (21, 1, 0, null, 0, 254),
        (22, 1, 0, null, 0, 254),
        (23, 1, 0, 0, 0, 254),
        (24, 1, 0, null, 0, 254),
        (25, 1, 0, 0, 0, 254),
        (26, 1, 0, 1, 0, 16),
        (27, 1, 0, 1, 0, 16),
        (28, 2, 0, 511, 0, 2047),
        (30, 1, 0, 1, 1, 128),
        (31, 2, 11, 0, -2047, 2047),
        (33, 1, 0, 0, 0, 3),
        (34, 1, 0, 20, 0, 254),
        (35, 1, 0, 200, 0, 254),
        (36, 1, 0, 80, 0, 254),
        (37, 1, 0, null, 0, 254),
        (38, 1, 0, 200, 0, 254),
        (39, 1, 0, null, 0, 254),
        (40, 1, 0, 1, 0, 2),
        (41, 1, 0, 0, 0, 254),
        (42, 2, 15, 2048, -32767, 32767),
        (44, 2, 10, 1000, -1000, 1000),
        (46, 2, 15, null, -32767, 32767),
        (48, 2, 0, 1000, 0, 1000),
        (55, 1, 0, 1, 0, 1),
        (56, 2, 15, 2048, 1, 0),
        (58, 2, 15, 0, 1, 0),
        (60, 2, 10, 0, 1, 0),
        (62, 1, 0, 74, 1, 0),
        (63, 1, 0, 25, 1, 0),
        (64, 1, 0, 0, 1, 0),
        (65, 1, 0, 0, 1, 0),
        (66, 1, 0, 0, 1, 0),
        (67, 2, 15, 2048, 1, 0),
        (69, 2, 15, 0, 1, 0),
        (71, 2, 0, 0, 1, 0),
        (80, 1, 0, null, 1, 0),
        (81, 1, 0, null, 1, 0),
        (82, 1, 0, null, 1, 0),
        (83, 1, 0, null, 1, 0),
        (84, 1, 0, null, 1, 0),
        (85, 1, 0, null, 1, 0),
        (86, 1, 0, null, 1, 0),
    ];

    public static TheoryData<int, bool> Registers { get; } =
    [.. from i in Enumerable.Range(0, s_table.Length) from torque in new[] { false, true } select (i, torque)];

    [Theory]
    [MemberData(nameof(Registers))]
    public void Register_OnTheWire_IsAsTheTableSays(int index, bool torque)
    {
        (byte address, byte size, byte sign, int? initial, int least, int greatest) = s_table[index];
        var register = new FeetechRegister(address, size, sign);
        var host = new FeetechHost(1);
        int before = host.Read(1, register) ?? throw new InvalidOperationException($"Register {address} is not answered.");
        Assert.Equal(initial ?? before, before);
        if (register != FeetechTable.TorqueEnable)
        {
            host.Write(1, FeetechTable.TorqueEnable, torque ? 1 : 0);
        }

        if (least > greatest)
        {
            host.Write(1, register, before + 1);
            Assert.Equal(before, host.Read(1, register));
            return;
        }

        foreach (int taken in new[] { least, greatest, before })
        {
            host.Write(1, register, taken);
            Assert.Equal(taken, host.Read(1, register));
        }

        int beyond = greatest + 1,
            raw = 1 << (8 * size);
        if (sign == 0 ? beyond < raw : beyond < 1 << sign)
        {
            host.Write(1, register, beyond);
            Assert.Equal(before, host.Read(1, register));
        }

        if (least > 0)
        {
            host.Write(1, register, least - 1);
            Assert.Equal(before, host.Read(1, register));
        }

        Assert.Equal(FeetechErrors.None, host.Errors);
        Outlives(host, register, before, least == before ? greatest : least);
    }

    [Fact]
    public void Id_Written_IsTheOneThatAnswers()
    {
        var host = new FeetechHost(1);
        host.Write(1, FeetechTable.Id, 254);
        Assert.Single(host.Ping(1));
        host.Write(1, FeetechTable.Id, 253);
        Assert.Empty(host.Ping(1));
        Assert.Single(host.Ping(253));
    }

    [Fact]
    public void Read_WholeTable_IsAnsweredAndNotBeyond()
    {
        var host = new FeetechHost(1);
        Assert.Equal(87, Assert.Single(host.Read(1, 0, 87)).Data.Length);
        Assert.Equal(7, Assert.Single(host.Read(1, 80, 7)).Data.Length);
        Assert.Empty(host.Read(1, 80, 8));
    }

    [Fact]
    public void Write_AcrossRegisters_EachTakesItsOwnValue()
    {
        // Acceleration 255 is out of range, the goal behind it is not, and 50 to 54 are nobody's.
        var host = new FeetechHost(1);
        host.Write(1, 41, [255, 0, 9]);
        Assert.Equal((0, 0x900), (host.Read(1, FeetechTable.Acceleration), host.Read(1, FeetechTable.GoalPosition)));
        host.Write(1, 48, [100, 0, 7, 7, 7, 7, 7, 0]);
        Assert.Equal(
            (100, 0, 0),
            (host.Read(1, FeetechTable.TorqueLimit), host.Read(1, new FeetechRegister(50, 1)), host.Read(1, FeetechTable.Lock))
        );
    }

    private static void Outlives(FeetechHost host, FeetechRegister register, int before, int other)
    {
        bool eeprom = register.Address < 40;
        foreach (bool locked in new[] { true, false })
        {
            host.Write(1, FeetechTable.Lock, locked ? 1 : 0);
            host.Write(1, register, other);
            Assert.Equal(other, host.Read(1, register));
            host.Bus.Servo(1).PowerCycle();
            Assert.Equal(eeprom && !locked ? other : before, host.Read(1, register) ?? Wide);
        }
    }
}
