namespace RobotRl.Hardware.Devices.Calibration;

/// <summary>How a joint knows its turn after power was away.</summary>
public enum CalibrationMethod
{
    /// <summary>The encoder alone tells: the joint's range is less than one turn of it.</summary>
    Absolute,

    /// <summary>The encoder repeats within the joint's range: the joint is put to its home mark before it is opened.</summary>
    Homing,
}
