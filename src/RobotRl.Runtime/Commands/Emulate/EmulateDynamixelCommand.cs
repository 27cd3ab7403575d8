using System.CommandLine;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Transports;
using RobotRl.Runtime.Composition;

namespace RobotRl.Runtime.Commands.Emulate;

/// <summary><c>robotrl emulate dynamixel</c>: a bus of X-series servos on a pseudo-terminal.</summary>
internal sealed class EmulateDynamixelCommand : Command
{
    private readonly ServoBusArguments _bus = new();
    private readonly Option<string> _model = new("--model")
    {
        DefaultValueFactory = _ => DynamixelModel.Xl330M288.Name,
        Description = $"Which servos: {string.Join(", ", DynamixelModel.All.Select(m => m.Name))}.",
    };

    public EmulateDynamixelCommand(CommandContext context)
        : base(
            "dynamixel",
            "Emulate a bus of Dynamixel X-series servos on a pseudo-terminal until Ctrl-C. Lines on standard input switch faults."
        )
    {
        _bus.AddTo(this);
        Add(_model);
        SetAction((parsed, cancel) => RunAsync(context, parsed, cancel));
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancel)
    {
        string name = parsed.GetValue(_model)!;
        DynamixelModel model = DynamixelModel.Find(name)
            ?? throw new BadInputException(
                $"--model is \"{name}\"; allowed: {string.Join(", ", DynamixelModel.All.Select(m => m.Name))}. Choose one."
            );
        using PseudoTerminal terminal = _bus.Terminal(parsed);
        using var bus = new DynamixelBusEmulator(
            terminal,
            _bus.Servos(parsed),
            model,
            TimeProvider.System,
            _bus.Load(parsed),
            _bus.Seed(parsed)
        )
        {
            PeerBaudRate = () => terminal.PeerBaudRate,
        };
        _bus.ApplyFaults(parsed, bus);
        await ServoBusConsole
            .RunAsync(
                bus,
                terminal,
                port =>
                    ServoBusHints.For($"{model.Name} servos", "dynamixel-bus", "DynamixelBus", port, bus, $", \"Model\": \"{model.Name}\""),
                Console.In,
                context.Output,
                cancel
            )
            .ConfigureAwait(false);
        return ExitCode.Done;
    }
}
