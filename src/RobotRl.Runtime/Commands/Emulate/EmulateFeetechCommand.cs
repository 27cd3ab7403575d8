using System.CommandLine;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Transports;
using RobotRl.Runtime.Composition;

namespace RobotRl.Runtime.Commands.Emulate;

/// <summary><c>robotrl emulate feetech</c>: a bus of STS3215 servos on a pseudo-terminal.</summary>
internal sealed class EmulateFeetechCommand : Command
{
    private readonly ServoBusArguments _bus = new();

    public EmulateFeetechCommand(CommandContext context)
        : base(
            "feetech",
            "Emulate a bus of Feetech STS3215 servos, such as an SO-101 arm, on a pseudo-terminal until Ctrl-C. Lines on "
                + "standard input switch faults."
        )
    {
        _bus.AddTo(this);
        SetAction((parsed, cancel) => RunAsync(context, parsed, cancel));
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancel)
    {
        using PseudoTerminal terminal = _bus.Terminal(parsed);
        using var bus = new FeetechBusEmulator(terminal, _bus.Servos(parsed), TimeProvider.System, _bus.Load(parsed), _bus.Seed(parsed))
        {
            PeerBaudRate = () => terminal.PeerBaudRate,
        };
        _bus.ApplyFaults(parsed, bus);
        await ServoBusConsole
            .RunAsync(
                bus,
                terminal,
                port => ServoBusHints.For("STS3215 servos", FeetechBusDevice.Kind, "FeetechBus", port, bus),
                Console.In,
                context.Output,
                cancel
            )
            .ConfigureAwait(false);
        return ExitCode.Done;
    }
}
