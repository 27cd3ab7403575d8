using RobotRl.Hardware.Contracts;

namespace RobotRl.Runtime.Loops;

/// <summary>What a robot is doing, in the words of the progress line.</summary>
internal static class RobotStage
{
    /// <summary>The words for a robot whose episode begins only once the operator has said that it may.</summary>
    public const string WaitsForOperator = "WAITS FOR THE OPERATOR";

    /// <summary>In a few words. Any thread.</summary>
    public static string Describe(IRobot robot, ControlStatus control, IEpisodeReset reset)
    {
        StopStatus stop = robot.Stop;
        return robot.State switch
        {
            DeviceState.Powered when stop.Requested >= StopLevel.ControlledStop => "stopping",
            DeviceState.Powered when control.Stage == LoopStage.Held => "held",
            DeviceState.Powered when control.Armed && reset.Prompt is not null => WaitsForOperator,
            DeviceState.Powered when control.Stage == LoopStage.Moving => "moves to its start",
            DeviceState.Powered when control.Armed => "armed",
            DeviceState.Closed => "closed",
            not DeviceState.Powered when stop.Requested >= StopLevel.ControlledStop => stop.Confirmed
                ? "stopped, confirmed"
                : "stopped, NOT CONFIRMED",
            DeviceState.Faulted => "faulted",
            _ => "not armed",
        };
    }
}
