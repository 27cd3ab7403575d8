using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Protocols.Framing;

namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>Finds out whether the servos that the options name are there, and they alone; one clear sentence where not.</summary>
internal sealed class DynamixelFinder(string robot, DynamixelLink link, DynamixelJoint[] joints)
{
    private const int Tries = 5;

    // A line that changes its direction makes a byte or two of its own, which the maker's software skips too.
    private const int StrayBytes = 4;

    // A second servo of one id speaks up within its return delay, at most 0.5 ms, and its own packet's length.
    private static readonly TimeSpan PingTime = TimeSpan.FromMilliseconds(20),
        TwinTime = TimeSpan.FromMilliseconds(4);

    private enum Finding
    {
        Silent,
        Garbled,
        Twice,
        WrongModel,
        Found,
        Echo,
    }

    /// <summary>The servos, in the order of the joints.</summary>
    /// <exception cref="RobotException">Something is not as it should be; nothing was switched or written.</exception>
    public DynamixelServoInfo[] Find()
    {
        var found = new DynamixelServoInfo[joints.Length];
        var findings = new Finding[joints.Length];
        var models = new int[joints.Length];
        link.AwaitPing();
        for (int i = 0; i < joints.Length; i++)
        {
            findings[i] = Ping(joints[i], out models[i], out int firmware);
            found[i] = new(joints[i].Name, joints[i].Id, joints[i].Model.Name, firmware);
            if (link.IsLost)
            {
                throw Error($"{link.Name} was lost while the servos were looked for. Check cable and adapter.");
            }
        }

        int wrong = Array.FindIndex(findings, f => f != Finding.Found);
        return wrong < 0 ? found : throw Explain(findings, models, wrong);
    }

    private RobotException Explain(Finding[] findings, int[] models, int wrong)
    {
        if (Array.Exists(findings, f => f == Finding.Echo))
        {
            return Error(EchoWatch.Describe(link.Name));
        }

        if (Array.TrueForAll(findings, f => f == Finding.Silent))
        {
            return Error(
                $"no servo answers on {link.Name}. Check supply, cable and baud rate (servos are delivered with 57600), and "
                    + $"that these are servos of Dynamixel protocol 2.0."
            );
        }

        if (Array.TrueForAll(findings, f => f is Finding.Silent or Finding.Garbled))
        {
            return Error(
                $"what comes on {link.Name} is not Dynamixel protocol 2.0. Check the baud rate, and that these are servos of that protocol."
            );
        }

        DynamixelJoint joint = joints[wrong];
        string servo = FormattableString.Invariant($"servo {joint.Id} ({joint.Name}) on {link.Name}");
        return findings[wrong] switch
        {
            Finding.Silent => Error($"{servo} does not answer; {Those(findings, Finding.Found)}. Check its cable, id and baud rate."),
            Finding.Twice => Error($"two servos answer as {servo}. Connect one alone and give it an id of its own."),
            Finding.Garbled => Error(
                $"answers of {servo} are garbled, those of others are not: two servos with that id, or a bad cable. Connect "
                    + $"one alone and give it an id of its own."
            ),
            _ => Error(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{servo} is a {DynamixelModel.Find(models[wrong])?.Name ?? $"model of number {models[wrong]}"}; Model "
                        + $"says {joint.Model.Name}. Correct the model or the id."
                )
            ),
        };
    }

    private string Those(Finding[] findings, Finding which)
    {
        string[] ids = [.. joints.Where((_, i) => findings[i] == which).Select(j => FormattableString.Invariant($"{j.Id} ({j.Name})"))];
        return ids.Length == 0 ? "no other does" : $"{string.Join(", ", ids)} {(ids.Length == 1 ? "does" : "do")}";
    }

    private Finding Ping(DynamixelJoint joint, out int model, out int firmware)
    {
        (model, firmware) = (0, 0);
        Finding worst = Finding.Silent;
        for (int i = 0; i < Tries && !link.IsLost; i++)
        {
            link.Send(DynamixelCodec.Ping(link.Request, joint.Id), IdSet.Of(joint.Id), DynamixelProtocol.PingReplyParameters, PingTime);
            Finding now = Finding.Silent;
            if (link.TryNext(out DynamixelPacket answer) && answer.Parameters.Length == DynamixelProtocol.PingReplyParameters)
            {
                (model, firmware) = (answer.UInt16At(0), answer.Parameters[2]);
                int whole = link.Bytes;
                link.Await(TwinTime);
                now =
                    link.TryNext(out _) ? Finding.Twice
                    : link.Bytes > whole || whole > DynamixelProtocol.StatusLength(DynamixelProtocol.PingReplyParameters) + StrayBytes
                        ? Finding.Garbled
                    : model == joint.Model.Number ? Finding.Found
                    : Finding.WrongModel;
            }
            else
            {
                link.MissedPing();
                now = link.Bytes > 0 ? Finding.Garbled : Finding.Silent;
            }

            if (link.HasEcho)
            {
                return Finding.Echo;
            }

            // Two of one id never answer cleanly; one alone does so in one of a few tries.
            if (now is Finding.Found or Finding.WrongModel)
            {
                return now;
            }

            worst = (Finding)Math.Max((int)worst, (int)now);
        }

        return worst;
    }

    private RobotException Error(string what) => new(robot, $"Robot {robot}: {what}");
}
