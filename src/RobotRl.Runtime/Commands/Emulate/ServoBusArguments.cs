using System.CommandLine;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Transports;
using RobotRl.Runtime.Composition;

namespace RobotRl.Runtime.Commands.Emulate;

/// <summary>What the commands that emulate a servo bus have in common.</summary>
internal sealed class ServoBusArguments
{
    private readonly Option<int> _servos = new("--servos")
    {
        HelpName = "N",
        DefaultValueFactory = _ => 6,
        Description = "Servos, ids 1 to N.",
    };
    private readonly Option<string?> _link = new("--link")
    {
        HelpName = "PATH",
        Description = "A path for the port: a symbolic link, made while it runs.",
    };
    private readonly Option<string[]> _faults = new("--fault")
    {
        HelpName = "\"NAME VALUE\"",
        DefaultValueFactory = _ => [],
        Description = "A fault from the start, such as \"lost 0.01\" or \"dead 3\". May be repeated.",
    };
    private readonly Option<double> _gravity = new("--gravity")
    {
        HelpName = "NM",
        Description = "Torque of gravity on each joint with its link level, N m; 0 unless said.",
    };
    private readonly Option<int> _seed = new("--seed")
    {
        HelpName = "S",
        DefaultValueFactory = _ => 1,
        Description = "Seed of the faults.",
    };

    /// <summary>Declares them.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _servos, _link, _faults, _gravity, _seed })
        {
            command.Add(option);
        }
    }

    public int Servos(ParseResult parsed)
    {
        int servos = parsed.GetValue(_servos);
        return servos is >= 1 and <= 100
            ? servos
            : throw new BadInputException($"--servos is {servos}; allowed: 1 to 100. Give the number of servos.");
    }

    public int Seed(ParseResult parsed) => parsed.GetValue(_seed);

    public EmulatedLoad Load(ParseResult parsed)
    {
        double gravity = parsed.GetValue(_gravity);
        return double.IsFinite(gravity) && Math.Abs(gravity) <= 10
            ? new() { GravityNm = gravity }
            : throw new BadInputException(
                FormattableString.Invariant(
                    $"--gravity is {gravity}; allowed: -10 to 10 N m. Give the torque that gravity puts on a joint."
                )
            );
    }

    public PseudoTerminal Terminal(ParseResult parsed) => new(parsed.GetValue(_link));

    /// <summary>Switches on what the command line says.</summary>
    public void ApplyFaults(ParseResult parsed, ServoBusEmulator bus)
    {
        foreach (string fault in parsed.GetValue(_faults)!)
        {
            if (!FaultCommands.TryApply(bus.Faults, bus.Servos, $"fault {fault}", out string answer))
            {
                throw new BadInputException($"--fault: {answer}");
            }
        }
    }
}
