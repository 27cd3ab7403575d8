using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Transports;

/// <summary>Bad input: one clear message each, the same from both transports.</summary>
public sealed class SerialPortMessagesTests
{
    public static TheoryData<SerialBackend> Backends => [SerialBackend.Termios, SerialBackend.SerialPort];

    [Theory]
    [MemberData(nameof(Backends))]
    public void Open_NoSuchPort_SaysSoAndListsThoseThereAre(SerialBackend backend)
    {
        string message = Message("/dev/ttyNONE9", backend);
        Assert.StartsWith("Port /dev/ttyNONE9 does not exist; ", message, StringComparison.Ordinal);
        string expected = SerialPorts.List() is { Count: > 0 } ports
            ? $"there are {string.Join(", ", ports)}. "
            : "this machine has no serial port. ";
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Open_Directory_SaysSo(SerialBackend backend) =>
        Assert.StartsWith("Port /dev is a directory; ", Message("/dev", backend), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Backends))]
    public void Open_OtherKindOfFile_SaysSo(SerialBackend backend) =>
        Assert.StartsWith(
            "Port /dev/null is not a serial port but another kind of file; ",
            Message("/dev/null", backend),
            StringComparison.Ordinal
        );

    [Theory]
    [MemberData(nameof(Backends))]
    public void Open_Taken_SaysByWhom(SerialBackend backend)
    {
        using var device = new PseudoTerminal();
        device.Open();
        using var first = new TermiosTransport(device.SlavePath, 57600);
        first.Open();
        Assert.Equal(
            $"Port {device.SlavePath} is taken by this process. End that program or choose another port.",
            Message(device.SlavePath, backend)
        );
        first.Close();
        using var second = new TermiosTransport(device.SlavePath, 57600);
        second.Open();
    }

    [Fact]
    public void Open_SharedByAgreement_IsNotTaken()
    {
        using var device = new PseudoTerminal();
        device.Open();
        using var holder = new TermiosTransport(device.SlavePath, 57600);
        using var beside = new TermiosTransport(device.SlavePath, 57600, exclusive: false);
        holder.Open();
        beside.Open();
        Assert.Equal(TransportStatus.Ok, beside.Write([1], TimeSpan.FromSeconds(1)).Status);
    }

    [Theory]
    [InlineData(TermiosNative.AccessDenied, "group dialout")]
    [InlineData(TermiosNative.NoDevice, "has no device behind it")]
    public void Explain_Errno_SaysWhatToDo(int error, string expected)
    {
        TransportException explained = SerialPorts.Explain("/dev/ttyUSB0", error);
        Assert.Equal("/dev/ttyUSB0", explained.Link);
        Assert.Contains("/dev/ttyUSB0", explained.Message, StringComparison.Ordinal);
        Assert.Contains(expected, explained.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PseudoTerminalOpen_LinkPathTaken_LeavesTheFileAlone()
    {
        string path = Path.GetTempFileName();
        try
        {
            using var device = new PseudoTerminal(path);
            Assert.Contains(path, Assert.Throws<TransportException>(device.Open).Message, StringComparison.Ordinal);
            Assert.Null(new FileInfo(path).LinkTarget);
            Assert.Empty(device.SlavePath);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Message(string port, SerialBackend backend)
    {
        using ITransport transport = SerialTransports.Create(new SerialOptions { Port = port, Backend = backend });
        TransportException error = Assert.Throws<TransportException>(transport.Open);
        Assert.Equal(port, error.Link);
        return error.Message;
    }
}
