namespace RobotRl.Hardware.Transports;

/// <summary>What drives a serial port.</summary>
public enum SerialBackend
{
    /// <summary>Termios on Linux, SerialPort elsewhere.</summary>
    Auto,

    /// <summary>The kernel's terminal interface: any baud rate, no allocation, a lost link is seen at once. Linux only.</summary>
    Termios,

    /// <summary>System.IO.Ports: works everywhere, allocates, and is slower by 1 to 2 ms an exchange.</summary>
    SerialPort,
}
