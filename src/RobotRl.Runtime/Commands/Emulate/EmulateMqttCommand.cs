using System.CommandLine;
using System.Runtime.InteropServices;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.MqttRobot;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Transports;
using RobotRl.Hardware.Transports.Mqtt;
using RobotRl.Runtime.Composition;
using RobotRl.Sim;

namespace RobotRl.Runtime.Commands.Emulate;

/// <summary>
/// <c>robotrl emulate mqtt</c>: a simulated robot behind an MQTT broker, with faults that lines on standard input switch on.
/// </summary>
internal sealed class EmulateMqttCommand : Command
{
    private readonly Option<string> _robot = new("--robot")
    {
        DefaultValueFactory = _ => "pendulum",
        Description = $"Which simulated robot: {string.Join(", ", SimulatedRobots.Names)}.",
    };
    private readonly Option<string> _broker = new("--broker")
    {
        HelpName = "HOST[:PORT]",
        DefaultValueFactory = _ => "localhost",
        Description = "The broker; port 1883, or 8883 with --tls, unless said.",
    };
    private readonly Option<string?> _name = new("--name")
    {
        Description = "Name in the topics, robotrl/NAME/...; the robot's own unless said.",
    };
    private readonly Option<MqttPayloadFormat> _payload = new("--payload")
    {
        DefaultValueFactory = _ => MqttPayloadFormat.Binary,
        Description = "How states are written: json or binary.",
    };
    private readonly Option<string?> _user = new("--user") { Description = "User at the broker." };
    private readonly Option<string?> _password = new("--password-file")
    {
        HelpName = "FILE",
        Description = "File with the password in its first line.",
    };
    private readonly Option<bool> _tls = new("--tls") { Description = "Encrypt, and check the broker's certificate." };
    private readonly Option<string?> _ca = new("--ca")
    {
        HelpName = "FILE",
        Description = "PEM file with the authority that signed the broker's certificate.",
    };
    private readonly Option<string?> _certificate = new("--certificate")
    {
        HelpName = "FILE",
        Description = "PEM file with our own certificate.",
    };
    private readonly Option<string?> _key = new("--key") { HelpName = "FILE", Description = "PEM file with the key of that certificate." };
    private readonly Option<int> _seed = new("--seed") { DefaultValueFactory = _ => 1, Description = "Seed of the faults." };

    public EmulateMqttCommand(CommandContext context)
        : base(
            "mqtt",
            $"Serve a simulated robot over MQTT until Ctrl-C. Lines on standard input switch faults: {MessageFaultConsole.Usage}."
        )
    {
        foreach (Option option in new Option[] { _robot, _broker, _name, _payload, _user, _password, _tls, _ca, _certificate, _key, _seed })
        {
            Add(option);
        }

        SetAction((parsed, cancel) => RunAsync(context, parsed, cancel));
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancel)
    {
        ILockstepRobot simulated;
        try
        {
            simulated = SimulatedRobots.Create(parsed.GetValue(_robot)!);
        }
        catch (ArgumentException error)
        {
            throw new BadInputException(error.Message, error);
        }

        MqttLinkOptions link = LinkOptions(parsed);
        var server = new MqttRobotServerOptions { Robot = parsed.GetValue(_name), Payload = parsed.GetValue(_payload) };
        string[] problems =
        [
            .. link.Validate("emulate mqtt"),
            .. server.Validate("emulate mqtt", simulated.Description.Name, simulated.Description.ControlPeriod),
        ];
        if (problems.Length > 0)
        {
            throw new BadInputException(string.Join(" ", problems));
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End),
            terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            ending.Cancel();
        }

        TimeProvider time = TimeProvider.System;
        string name = server.Robot ?? simulated.Description.Name;
        using var faults = new FaultyMqttLink(new MqttLink(link, $"robotrl-robot-{name}", time), time, parsed.GetValue(_seed));
        using var served = new MqttRobotServer(new RealTimeSimulation(simulated, time), faults, server, time, context.Error.WriteLine);
        try
        {
            served.Start();
        }
        catch (TransportException error)
        {
            throw new BadInputException(error.Message, error);
        }

        await context
            .Output.WriteLineAsync(
                $"Serving {simulated.Description.Name} on robotrl/{name}/... at {faults.Name}; Ctrl-C ends it. Drive it with "
                    + $"Robot:Name=mqtt and Robot:Mqtt:Robot={name}."
            )
            .ConfigureAwait(false);
        await new MessageFaultConsole(faults, () => $"{served.Counters}; armed: {served.IsArmed}")
            .RunAsync(Console.In, context.Output, ending.Token)
            .ConfigureAwait(false);
        return ExitCode.Done;
    }

    private MqttLinkOptions LinkOptions(ParseResult parsed)
    {
        string broker = parsed.GetValue(_broker)!;
        int colon = broker.LastIndexOf(':');
        int? port = null;
        if (colon > 0 && broker.IndexOf(':', StringComparison.Ordinal) == colon)
        {
            port = int.TryParse(broker[(colon + 1)..], out int number)
                ? number
                : throw new BadInputException($"--broker is \"{broker}\"; allowed: HOST or HOST:PORT with a number. Correct the port.");
            broker = broker[..colon];
        }

        return new()
        {
            Broker = broker,
            Port = port,
            User = parsed.GetValue(_user),
            PasswordFile = parsed.GetValue(_password),
            Tls = parsed.GetValue(_tls),
            CaFile = parsed.GetValue(_ca),
            CertificateFile = parsed.GetValue(_certificate),
            KeyFile = parsed.GetValue(_key),
        };
    }
}
