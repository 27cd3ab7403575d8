using System.Buffers.Binary;
using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Emulation;

/// <summary>What an emulated servo's registers hold, and what may be written into them as the table stands. One thread.</summary>
internal sealed class DynamixelMemory
{
    private readonly DynamixelModel _model;
    private readonly byte[] _table,
        _before;

    /// <summary>A new servo's.</summary>
    public DynamixelMemory(DynamixelModel model)
    {
        (_model, Registers) = (model, DynamixelControlTable.Of(model));
        (_table, _before) = (new byte[Registers.Length], new byte[Registers.Length]);
        foreach (DynamixelEntry entry in Registers.Entries)
        {
            Set(entry.Register, entry.Initial);
        }
    }

    /// <summary>Which registers there are.</summary>
    public DynamixelControlTable Registers { get; }

    /// <summary>What a register holds.</summary>
    public int Get(DynamixelRegister register) => register.Decode(_table.AsSpan(register.Address));

    /// <summary>What a register held before the newest write.</summary>
    public int Before(DynamixelRegister register) => register.Decode(_before.AsSpan(register.Address));

    /// <summary>Sets a register; nothing is checked.</summary>
    public void Set(DynamixelRegister register, int value) => register.Encode(value, _table.AsSpan(register.Address));

    /// <summary>The newest write was none.</summary>
    public void TakeBack() => _before.CopyTo(_table.AsSpan());

    /// <summary>Bytes from an address on, within the table.</summary>
    public void Read(int address, Span<byte> into)
    {
        for (int i = 0; i < into.Length; i++)
        {
            into[i] = _table[Target(address + i)];
        }
    }

    /// <summary>Where a byte of indirect data really is; any other byte is where it is.</summary>
    public int Target(int address)
    {
        foreach ((int addresses, int data, int count) in Registers.Indirect)
        {
            if (address >= data && address < data + count)
            {
                return BinaryPrimitives.ReadUInt16LittleEndian(_table.AsSpan(addresses + (2 * (address - data))));
            }
        }

        return address;
    }

    /// <summary>Writes whole registers, or nothing: what was wrong then.</summary>
    /// <param name="address">Of the first.</param>
    /// <param name="data">Their bytes.</param>
    /// <param name="isEepromLocked">Whether those that outlive power cannot be written.</param>
    public DynamixelError Write(int address, ReadOnlySpan<byte> data, bool isEepromLocked)
    {
        int end = address + data.Length;
        for (int at = address; at < end; )
        {
            if (Registers.At(at) is not { IsReadOnly: false } entry || (at < DynamixelControlTable.EepromEnd && isEepromLocked))
            {
                return DynamixelError.Access;
            }

            if (at != entry.Register.Address || entry.Register.End > end)
            {
                return DynamixelError.DataLength;
            }

            if (Get(DynamixelTable.BusWatchdog) == DynamixelUnits.WatchdogExpired && IsGoal(entry.Register))
            {
                return DynamixelError.DataRange;
            }

            at = entry.Register.End;
        }

        _table.CopyTo(_before.AsSpan());
        data.CopyTo(_table.AsSpan(address));
        DynamixelError error = Check(address, end);
        if (error != DynamixelError.None)
        {
            TakeBack();
        }

        return error;
    }

    private static bool IsGoal(DynamixelRegister register) =>
        register == DynamixelTable.GoalPwm
        || register == DynamixelTable.GoalCurrent
        || register == DynamixelTable.GoalVelocity
        || register == DynamixelTable.GoalPosition;

    /// <summary>What the manual forbids of the registers that were written.</summary>
    private DynamixelError Check(int address, int end)
    {
        for (int at = address; at < end; )
        {
            DynamixelEntry entry = Registers.At(at)!;
            int value = Get(entry.Register);
            bool profile = entry.Register == DynamixelTable.ProfileAcceleration || entry.Register == DynamixelTable.ProfileVelocity;
            if (
                value < entry.Minimum
                || value > entry.Maximum
                || (value & ~entry.Mask) != 0
                || (entry.Register == DynamixelTable.OperatingMode && !HasMode((DynamixelMode)value))
                || (entry.Register == DynamixelTable.ProtocolType && value is > 2 and < 20)
                || (
                    entry.Register == DynamixelTable.BusWatchdog
                    && value != 0
                    && Before(DynamixelTable.BusWatchdog) == DynamixelUnits.WatchdogExpired
                )
                || (profile && !ProfileIsSound())
            )
            {
                return DynamixelError.DataRange;
            }

            if (
                (entry.Limit is { } limit && Math.Abs((long)value) > Get(limit))
                || (entry.Register == DynamixelTable.GoalPosition && !IsInside(value))
            )
            {
                return DynamixelError.DataLimit;
            }

            at = entry.Register.End;
        }

        return DynamixelError.None;
    }

    private bool HasMode(DynamixelMode mode) =>
        mode is DynamixelMode.Velocity or DynamixelMode.Position or DynamixelMode.ExtendedPosition or DynamixelMode.Pwm
        || (_model.HasCurrent && mode is DynamixelMode.Current or DynamixelMode.CurrentBasedPosition);

    private bool ProfileIsSound()
    {
        const int MaxTime = 32_737;
        int acceleration = Get(DynamixelTable.ProfileAcceleration),
            velocity = Get(DynamixelTable.ProfileVelocity);
        return ((DynamixelDriveModes)Get(DynamixelTable.DriveMode) & DynamixelDriveModes.TimeBasedProfile) == 0
            || (acceleration <= MaxTime && velocity <= MaxTime && (velocity == 0 || acceleration <= velocity / 2));
    }

    private bool IsInside(int position) =>
        (DynamixelMode)Get(DynamixelTable.OperatingMode) switch
        {
            DynamixelMode.Position => position >= Get(DynamixelTable.MinPosition) && position <= Get(DynamixelTable.MaxPosition),
            DynamixelMode.ExtendedPosition or DynamixelMode.CurrentBasedPosition => Math.Abs((long)position)
                <= DynamixelUnits.MaxExtendedTicks,
            _ => true,
        };
}
