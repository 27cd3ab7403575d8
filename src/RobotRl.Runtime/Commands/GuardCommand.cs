using System.CommandLine;
using System.Runtime.InteropServices;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Devices.FeetechBus.Guardian;
using RobotRl.Hardware.Transports;
using RobotRl.Runtime.Composition;

namespace RobotRl.Runtime.Commands;

/// <summary>
/// <c>robotrl guard</c>: the guardian of a Feetech bus. The runtime starts it; it ends with the runtime, in order or by stopping
/// the servos.
/// </summary>
internal sealed class GuardCommand : Command
{
    private readonly Option<string> _port = new("--port") { Required = true, Description = "The port of the bus." };
    private readonly Option<int> _baud = new("--baud") { Required = true, Description = "Its rate, bits per second." };
    private readonly Option<string> _ids = new("--ids")
    {
        DefaultValueFactory = _ => "",
        Description = "Servos commanded by position: 1,2,3.",
    };
    private readonly Option<string> _velocityIds = new("--velocity-ids")
    {
        DefaultValueFactory = _ => "",
        Description = "Servos commanded by velocity.",
    };
    private readonly Option<double> _timeout = new("--timeout-ms")
    {
        DefaultValueFactory = _ => 100,
        Description = "Silence after which it acts, ms.",
    };
    private readonly Option<GuardianManner> _manner = new("--manner")
    {
        DefaultValueFactory = _ => GuardianManner.LowerTorque,
        Description = "What it does. TorqueOff drops an arm.",
    };
    private readonly Option<double> _torque = new("--torque")
    {
        DefaultValueFactory = _ => 0.3,
        Description = "Torque limit of LowerTorque, 0 to 1.",
    };

    private readonly Option<string> _torqueLimits = new("--torque-limits")
    {
        DefaultValueFactory = _ => "",
        Description = "Torque limit of each servo, register 48, 0 to 1000, in the order of the ids: none is set above it.",
    };

    private readonly Option<double> _speed = new("--speed")
    {
        DefaultValueFactory = _ => 6,
        Description =
            "Fastest that a servo can have moved since its position was checked, rad/s: a reading beyond that is no goal to hold.",
    };

    public GuardCommand(CommandContext context)
        : base(
            GuardianSettings.Command,
            "Stop the servos of a Feetech bus when signs of life on standard input end. The runtime starts it by itself."
        )
    {
        foreach (Option option in new Option[] { _port, _baud, _ids, _velocityIds, _timeout, _manner, _torque, _torqueLimits, _speed })
        {
            Add(option);
        }

        SetAction(parsed => Run(context, parsed));
    }

    private int Run(CommandContext context, ParseResult parsed)
    {
        GuardianSettings settings = Settings(parsed);
        if (!OperatingSystem.IsLinux())
        {
            throw new BadInputException(
                "robotrl guard works on Linux only. Set Robot:FeetechBus:Guardian:Enabled=false, and know that servos of a "
                    + "dead runtime move on."
            );
        }

        // A terminal's signals go to the runtime too: who watches must not end, or be stopped, before it.
        using PosixSignalRegistration interrupt = Ignore(PosixSignal.SIGINT),
            terminate = Ignore(PosixSignal.SIGTERM),
            quit = Ignore(PosixSignal.SIGQUIT),
            hangUp = Ignore(PosixSignal.SIGHUP),
            pause = Ignore(PosixSignal.SIGTSTP);
        try
        {
            return GuardianLoop.Watch(settings, context.Error.WriteLine) switch
            {
                null => ExitCode.Done,
                true => ExitCode.Failsafe,
                false => ExitCode.Failed,
            };
        }
        catch (TransportException error)
        {
            throw new BadInputException(error.Message, error);
        }
    }

    private static PosixSignalRegistration Ignore(PosixSignal signal) =>
        PosixSignalRegistration.Create(signal, context => context.Cancel = true);

    private GuardianSettings Settings(ParseResult parsed)
    {
        double ms = parsed.GetValue(_timeout),
            torque = parsed.GetValue(_torque),
            speed = parsed.GetValue(_speed);
        if (!(ms is >= 1 and <= 60_000))
        {
            throw new BadInputException(
                FormattableString.Invariant(
                    $"--timeout-ms is {ms}; allowed: 1 to 60000 ms. Give the silence after which the servos are stopped."
                )
            );
        }

        if (!(torque is >= 0 and <= 1))
        {
            throw new BadInputException(
                FormattableString.Invariant($"--torque is {torque}; allowed: 0 to 1. Give what holds the arm and no more.")
            );
        }

        if (!(speed is > 0 and <= 100))
        {
            throw new BadInputException(
                FormattableString.Invariant($"--speed is {speed}; allowed: above 0 to 100 rad/s. Give twice the speed limit of the servos.")
            );
        }

        if (
            !GuardianSettings.TryParseIds(parsed.GetValue(_ids)!, out IReadOnlyList<byte> ids)
                | !GuardianSettings.TryParseIds(parsed.GetValue(_velocityIds)!, out IReadOnlyList<byte> velocityIds)
            || ids.Count + velocityIds.Count == 0
        )
        {
            throw new BadInputException(
                $"--ids is \"{parsed.GetValue(_ids)}\" and --velocity-ids \"{parsed.GetValue(_velocityIds)}\"; allowed: "
                    + $"numbers such as 1,2,3, at least one. Give the ids of the servos."
            );
        }

        if (
            !GuardianSettings.TryParseLimits(parsed.GetValue(_torqueLimits)!, out IReadOnlyList<int> limits)
            || (limits.Count > 0 && limits.Count != ids.Count + velocityIds.Count)
        )
        {
            throw new BadInputException(
                $"--torque-limits is \"{parsed.GetValue(_torqueLimits)}\"; allowed: numbers of 0 to 1000 such as 1000,200, "
                    + $"one for each of the {ids.Count + velocityIds.Count} servos, or none. Give what the servos may give at most."
            );
        }

        return new(
            parsed.GetValue(_port)!,
            parsed.GetValue(_baud),
            ids,
            velocityIds,
            TimeSpan.FromMilliseconds(ms),
            parsed.GetValue(_manner),
            torque,
            speed
        )
        {
            TorqueLimits = limits,
        };
    }
}
