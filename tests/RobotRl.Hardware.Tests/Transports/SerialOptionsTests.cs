using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Transports;

public sealed class SerialOptionsTests
{
    [Fact]
    public void Validate_Defaults_HaveNoProblem() => Assert.Empty(new SerialOptions().Validate("Serial"));

    [Fact]
    public void Validate_EverythingWrong_SaysEachWithValueAndRange() =>
        Assert.Equal(
            [
                "Serial:Port is empty; allowed: a serial port such as /dev/ttyUSB0. Name the port.",
                "Serial:BaudRate is 0 baud; allowed: 50 to 20000000. Set the rate of the device.",
            ],
            new SerialOptions { Port = " ", BaudRate = 0 }.Validate("Serial")
        );

    [Theory]
    [InlineData(SerialBackend.Termios, typeof(TermiosTransport))]
    [InlineData(SerialBackend.SerialPort, typeof(SerialPortTransport))]
    public void Create_BackendGiven_IsTaken(SerialBackend backend, Type expected)
    {
        using ITransport transport = SerialTransports.Create(
            new SerialOptions
            {
                Port = "/dev/ttyACM7",
                BaudRate = 57600,
                Backend = backend,
            }
        );
        Assert.IsType(expected, transport);
        Assert.Equal("/dev/ttyACM7 at 57600 baud", transport.Name);
    }

    [Fact]
    public void Create_BadOptions_ThrowsAllProblems() =>
        Assert.Contains(
            "BaudRate is -1 baud",
            Assert.Throws<ArgumentException>(() => SerialTransports.Create(new SerialOptions { BaudRate = -1 })).Message,
            StringComparison.Ordinal
        );
}
