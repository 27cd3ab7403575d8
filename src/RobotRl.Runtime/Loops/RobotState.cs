using RobotRl.Algorithms.Checkpoints;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Checkpoints;

namespace RobotRl.Runtime.Loops;

/// <summary>A lockstep robot's exact state in a checkpoint: physical, internal, and what it keeps beside by name.</summary>
internal static class RobotState
{
    private const string Extra = "robot/extra/";

    public static void Save(ILockstepRobot robot, IStateWriter writer)
    {
        double[] physical = new double[robot.PhysicalStateSize];
        robot.CopyPhysicalState(physical);
        writer.Write("robot/physical", physical);
        writer.Write("robot/internal", robot.InternalState);
        writer.Write("robot/internal-length", robot.InternalState.Length);
        robot.SaveExtra(new Writer(writer.Below(Extra)));
    }

    public static void Load(ILockstepRobot robot, IStateReader reader)
    {
        double[] physical = new double[robot.PhysicalStateSize];
        reader.Read("robot/physical", physical);
        robot.Teleport(physical);
        long[] state = new long[reader.ReadInt64("robot/internal-length")];
        reader.Read("robot/internal", state);
        robot.InternalState = state;
        robot.LoadExtra(new Reader(reader.Below(Extra)));
    }

    private sealed class Writer(IStateWriter inner) : IRobotStateWriter
    {
        public void Write(string name, ReadOnlySpan<double> values) => inner.Write(name, values);

        public void Write(string name, ReadOnlySpan<long> values) => inner.Write(name, values);
    }

    private sealed class Reader(IStateReader inner) : IRobotStateReader
    {
        public void Read(string name, Span<double> values) => inner.Read(name, values);

        public void Read(string name, Span<long> values) => inner.Read(name, values);
    }
}
