using System.Globalization;
using System.Security.Cryptography;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.Mcu;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Devices.Mcu;

/// <summary>Finds out who is at the other end of the line and whether it is what the options describe.</summary>
internal sealed class McuHandshake(McuOptions options, RobotDescription robot, McuLine line, MonotonicStamp clock)
{
    private const int Tries = 5;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMilliseconds(150);

    /// <summary>Asks until it answers, at most <see cref="McuOptions.ConnectTimeout"/>.</summary>
    /// <exception cref="RobotException">Nobody, somebody else, or another version.</exception>
    public McuCapabilities Greet()
    {
        long end = clock.Now + options.ConnectTimeout.Ticks;
        uint nonce = (uint)RandomNumberGenerator.GetInt32(int.MaxValue);
        do
        {
            if (
                line.Send(McuCodec.Hello(line.Output, line.NextSequence(), nonce), options.ReplyTimeout)
                && line.TryReceive(Math.Min(end, clock.Now + AnswerLimit.Ticks), out McuFrame frame)
            )
            {
                if (frame.Refusal == McuRefusal.ProtocolVersion)
                {
                    throw Error(
                        $"the device speaks another version of the MCU protocol, not {McuProtocol.Version}. Flash the "
                            + $"firmware that belongs to this program."
                    );
                }

                if (McuCapabilities.Decode(frame) is { } capabilities && capabilities.Nonce == nonce)
                {
                    return capabilities.ProtocolVersion == McuProtocol.Version
                        ? capabilities
                        : throw Error(
                            $"the device speaks version {capabilities.ProtocolVersion} of the MCU protocol; this program "
                                + $"speaks {McuProtocol.Version}. Flash the firmware that belongs to it."
                        );
                }
            }
        } while (!line.IsLost && clock.Now < end);

        throw Error(Silence());
    }

    /// <summary>
    /// Compares with the options, and finds each interface's place at the device: states, then commands, in the order of the
    /// robot's vectors.
    /// </summary>
    /// <exception cref="RobotException">It differs; the message lists everything that does.</exception>
    public (McuInterface[] States, McuInterface[] Commands) Check(McuCapabilities capabilities)
    {
        var differences = new List<string>(IdentityDifferences(capabilities));
        McuInterface[] found = [.. Enumerable.Range(0, capabilities.States + capabilities.Commands).Select(i => Ask((byte)i))];
        McuInterface[] states = found[..capabilities.States],
            commands = found[capabilities.States..];
        differences.AddRange(robot.States.SelectMany(s => StateDifferences(s, states)));
        differences.AddRange(robot.Commands.SelectMany(c => CommandDifferences(c, commands)));
        differences.AddRange(
            found
                .Where(f => robot.States.All(s => s.Name != f.Name) && robot.Commands.All(c => c.Name != f.Name))
                .Select(f => $"it has {f.Name}, which is not described")
        );
        if (differences.Count > 0)
        {
            throw Error(
                $"the device is not the robot that is described: {string.Join("; ", differences)}. Correct Robot:Mcu, or "
                    + $"connect the robot that it describes."
            );
        }

        return (
            [.. robot.States.Select(s => states.First(f => f.Name == s.Name))],
            [.. robot.Commands.Select(c => commands.First(f => f.Name == c.Name))]
        );
    }

    public RobotException Error(string what) => new(robot.Name, $"Port {line.Name}: {what}");

    private string Silence()
    {
        string seconds = options.ConnectTimeout.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
        if (line.IsLost)
        {
            return "it went away while the device was looked for. Check the cable.";
        }

        if (line.BytesHeard == 0)
        {
            return $"no answer within {seconds} s. Check that it is the right port, that the device has its supply and the firmware, "
                + $"and that {options.Serial.BaudRate} baud is the firmware's rate; a device of another protocol stays silent too.";
        }

        return line.FramesHeard == 0
            ? $"{line.BytesHeard} bytes came within {seconds} s, but no frame of the MCU protocol. Check the baud rate "
                + $"({options.Serial.BaudRate}), and that the device speaks this protocol."
            : $"a device that speaks the MCU protocol is there, but it did not say what it is within {seconds} s. Check the cable.";
    }

    private McuInterface Ask(byte index)
    {
        for (int i = 0; i < Tries && !line.IsLost; i++)
        {
            if (
                line.Send(McuCodec.Describe(line.Output, line.NextSequence(), index), options.ReplyTimeout)
                && line.TryReceive(clock.Now + AnswerLimit.Ticks, out McuFrame frame)
                && McuInterface.Decode(frame) is { } found
                && found.Index == index
            )
            {
                return found;
            }
        }

        throw Error($"the device does not describe its interface {index}. Check the cable and the firmware.");
    }

    private IEnumerable<string> IdentityDifferences(McuCapabilities found)
    {
        if (found.Name != options.DeviceName)
        {
            yield return $"its name is \"{found.Name}\", described is \"{options.DeviceName}\"";
        }

        if (options.DeviceKind is { } kind && found.DeviceKind != kind)
        {
            yield return $"its kind is {found.DeviceKind}, described is {kind}";
        }

        if (options.FirmwareMajor is { } major && found.FirmwareVersion >> 8 != major)
        {
            yield return $"its firmware has version {found.FirmwareVersion >> 8}.{found.FirmwareVersion & 0xFF}, described is {major}.x";
        }

        if (
            options.CommandTimeout.TotalMilliseconds is var timeout
            && !(timeout >= found.LeastTimeoutMs && timeout <= found.GreatestTimeoutMs)
        )
        {
            yield return $"it takes a command timeout of {found.LeastTimeoutMs} to {found.GreatestTimeoutMs} ms, described is {timeout:0} "
                + $"ms";
        }
    }

    private static IEnumerable<string> StateDifferences(StateInterface described, McuInterface[] found)
    {
        McuInterface? there = Array.Find(found, f => f.Name == described.Name);
        if (there is null)
        {
            yield return $"it has no state {described.Name}";
        }
        else if ((int)there.Kind != (int)described.Kind)
        {
            yield return $"its state {described.Name} is a {there.Kind}, described is {described.Kind}";
        }
    }

    private static IEnumerable<string> CommandDifferences(CommandInterface described, McuInterface[] found)
    {
        McuInterface? there = Array.Find(found, f => f.Name == described.Name);
        if (there is null)
        {
            yield return $"it has no command {described.Name}";
            yield break;
        }

        if ((int)there.Kind != (int)described.Kind)
        {
            yield return $"its command {described.Name} is a {there.Kind}, described is {described.Kind}";
        }

        double least = Math.Min(there.ToSi(there.LeastRaw), there.ToSi(there.GreatestRaw)),
            greatest = Math.Max(there.ToSi(there.LeastRaw), there.ToSi(there.GreatestRaw));

        // The scale is a 32-bit number: its range may end a rounding below the described one.
        double rounding = Math.Abs(there.Scale) / 2;
        if (described.Minimum < least - rounding || described.Maximum > greatest + rounding)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"its command {described.Name} takes {least:0.###} to {greatest:0.###} {described.Unit}, described is "
                    + $"{described.Minimum:0.###} to {described.Maximum:0.###} {described.Unit}"
            );
        }
    }
}
