namespace RobotRl.Hardware.Safety;

/// <summary>Values that a command may take.</summary>
internal struct Interval(double low, double high)
{
    public double Low = low,
        High = high;

    /// <summary>Cuts down to what a milder limit allows too; where the two have nothing in common, to the nearest point to it.</summary>
    public void Narrow(double low, double high)
    {
        (Low, High) = (Clamp(low), Clamp(high));
    }

    /// <summary>The nearest allowed value; never throws.</summary>
    public readonly double Clamp(double value) =>
        value < Low ? Low
        : value > High ? High
        : value;
}
