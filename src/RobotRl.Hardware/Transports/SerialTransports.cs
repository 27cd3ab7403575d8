namespace RobotRl.Hardware.Transports;

/// <summary>Makes the transport that options ask for.</summary>
public static class SerialTransports
{
    /// <summary>A transport, closed. Any thread; the caller disposes it.</summary>
    /// <exception cref="ArgumentException">The options have problems; the message lists them all.</exception>
    public static ITransport Create(SerialOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string[] problems = [.. options.Validate("Serial")];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        bool termios = options.Backend == SerialBackend.Termios || (options.Backend == SerialBackend.Auto && OperatingSystem.IsLinux());
        return termios ? new TermiosTransport(options.Port, options.BaudRate) : new SerialPortTransport(options.Port, options.BaudRate);
    }
}
