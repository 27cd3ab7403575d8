using System.CommandLine;
using RobotRl.Runtime.Composition;

namespace RobotRl.Runtime.Commands.Emulate;

/// <summary><c>robotrl emulate DEVICE</c>: devices for people without hardware, and for tests.</summary>
internal sealed class EmulateCommand : Command
{
    public EmulateCommand(CommandContext context)
        : base("emulate", "Emulate a device, for people without hardware: the runtime drives it as it would a real one.")
    {
        Add(new EmulateDynamixelCommand(context));
        Add(new EmulateFeetechCommand(context));
        Add(new EmulateMqttCommand(context));
    }
}
