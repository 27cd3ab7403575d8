using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>
/// What is found out once the servos are connected: ranges, turns of the encoders, and who has restarted while the link was lost.
/// </summary>
internal sealed class DynamixelStart(
    string robot,
    DynamixelLink link,
    DynamixelJoint[] joints,
    byte[] ids,
    DynamixelRegisters registers,
    DynamixelHealth health
)
{
    private const int Tries = 3;

    private readonly int[] _ticks = new int[ids.Length];
    private bool _narrowed;

    /// <summary>The calibration of a joint, from the file that the options name.</summary>
    /// <exception cref="RobotException">The file cannot be used, or does not have it.</exception>
    public static JointCalibration CalibrationFor(DynamixelBusOptions options, string joint)
    {
        const string Kind = DynamixelBusDevice.Kind;
        if (options.Calibration is not { } path)
        {
            return new();
        }

        try
        {
            return CalibrationFile.Load(path, Kind).Joints.TryGetValue(joint, out JointCalibration? found)
                ? found
                : throw new RobotException(
                    Kind,
                    $"Robot {Kind}: calibration file {path} has no joint {joint}. Calibrate it with robotrl calibrate."
                );
        }
        catch (CalibrationException error)
        {
            throw new RobotException(Kind, error.Message, error);
        }
    }

    /// <summary>Ranges are what the servos' own limits leave of them, from the first connection on.</summary>
    /// <exception cref="RobotException">Nothing is left of one.</exception>
    public RobotDescription Narrow(RobotDescription description)
    {
        if (_narrowed)
        {
            return description;
        }

        CommandInterface[] commands = [.. joints.Select(j => j.NarrowedCommand)];
        if (Array.Find(commands, c => c.Minimum >= c.Maximum) is { } empty)
        {
            throw Error(
                $"no goal of {empty.Name} is within {empty.LimitedBy}. "
                    + "Calibrate the joint with robotrl calibrate, or change the limits with DYNAMIXEL Wizard."
            );
        }

        Array.ForEach(joints, registers.Fix);
        _narrowed = true;
        return description with { Commands = [.. commands] };
    }

    /// <summary>Finds the turn that each encoder is in.</summary>
    /// <exception cref="RobotException">A joint is not at its home mark, or positions cannot be read.</exception>
    public void FindTurns()
    {
        bool read = false;
        for (int i = 0; i < Tries && !read; i++)
        {
            read = link.TrySyncRead(DynamixelTable.PresentPosition, ids, _ticks);
        }

        if (!read)
        {
            throw Error($"positions cannot be read on {link.Name}. Check cable and supply.");
        }

        for (int i = 0; i < joints.Length; i++)
        {
            DynamixelJoint joint = joints[i];
            if (!joint.TryFindTurn(_ticks[i], out double angle))
            {
                throw Error(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"joint {joint.Name} seems to be at {angle:0.###} rad, not at its home mark "
                            + $"({joint.Calibration.HomeRad:0.###} rad). "
                    ) + "Put it there by hand and open it again."
                );
            }
        }
    }

    /// <summary>After a lost link of an armed robot: says which servo has restarted meanwhile; null if none has.</summary>
    public string? FindRestarted()
    {
        foreach (DynamixelJoint joint in joints)
        {
            if (link.TryRead(joint.Id, DynamixelTable.BusWatchdog, Tries, out int watchdog) && watchdog == 0)
            {
                return health.Restarted(joint);
            }
        }

        return null;
    }

    private RobotException Error(string what) => new(robot, $"Robot {robot}: {what}");
}
