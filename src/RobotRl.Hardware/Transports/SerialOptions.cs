namespace RobotRl.Hardware.Transports;

/// <summary>A serial port: 8 data bits, no parity, one stop bit, no flow control.</summary>
public sealed record SerialOptions
{
    /// <summary>The port. Default <c>/dev/ttyUSB0</c>, the first USB adapter on Linux.</summary>
    public string Port { get; set; } = "/dev/ttyUSB0";

    /// <summary>
    /// Bits per second. Default 1000000: Feetech servos as delivered, and the usual rate for a Dynamixel bus of six servos.
    /// </summary>
    public int BaudRate { get; set; } = 1_000_000;

    /// <summary>What drives the port. Default Auto.</summary>
    public SerialBackend Backend { get; set; } = SerialBackend.Auto;

    /// <summary>All problems of these options, one sentence each.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (string.IsNullOrWhiteSpace(Port))
        {
            yield return $"{path}:Port is empty; allowed: a serial port such as /dev/ttyUSB0. Name the port.";
        }

        if (BaudRate is < 50 or > 20_000_000)
        {
            yield return FormattableString.Invariant(
                $"{path}:BaudRate is {BaudRate} baud; allowed: 50 to 20000000. Set the rate of the device."
            );
        }

        if (Backend == SerialBackend.Termios && !OperatingSystem.IsLinux())
        {
            yield return $"{path}:Backend is Termios; allowed on this system: Auto, SerialPort. Set Auto.";
        }
    }
}
