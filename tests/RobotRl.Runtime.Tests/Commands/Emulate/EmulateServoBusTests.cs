using System.Diagnostics;
using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Transports;

namespace RobotRl.Runtime.Tests.Commands.Emulate;

/// <summary>The emulators as a user starts them: a process, its port, commands on its standard input.</summary>
public sealed class EmulateServoBusTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30),
        Reply = TimeSpan.FromSeconds(2);
    private readonly ChildProcess _child = new();

    public void Dispose() => _child.Dispose();

    [Fact]
    public async Task Dynamixel_Started_AnswersPingsObeysFaultCommandsAndEndsOnCtrlC()
    {
        string link = Path.Combine(_child.Directory, "bus");
        using Process process = _child.Start(
            redirectInput: true,
            "emulate",
            "dynamixel",
            "--servos",
            "2",
            "--model",
            "xl430-w250",
            "--link",
            link
        );
        try
        {
            await WaitFor(process.StandardOutput, "answer on");
            using (var port = new TermiosTransport(link, 1_000_000))
            {
                port.Open();
                Assert.Equal(1060, await Ping(port, 2));
                await process.StandardInput.WriteLineAsync("fault dead 2".AsMemory(), TestContext.Current.CancellationToken);
                await WaitFor(process.StandardOutput, "Faults: dead 2.");
                Assert.Null(await Ping(port, 2));
                Assert.Equal(1060, await Ping(port, 1));
            }

            // The end of its standard input is not the end.
            process.StandardInput.Close();
            Assert.False(process.HasExited);
            using Process interrupt = Process.Start(
                "kill",
                ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]
            );
            await process
                .WaitForExitAsync(TestContext.Current.CancellationToken)
                .WaitAsync(Patience, TestContext.Current.CancellationToken);
            Assert.Equal(0, process.ExitCode);
            Assert.False(File.Exists(link));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    [Theory]
    [InlineData("--fault", "dead 7", "servos: 1, 2, 3, 4, 5, 6")]
    [InlineData("--servos", "0", "--servos is 0")]
    [InlineData("--gravity", "99", "--gravity is 99")]
    public async Task Feetech_BadArguments_SaysWhichInOneMessage(string option, string value, string expected)
    {
        await _child.RunAsync("emulate", "feetech", option, value);
        Assert.Equal(2, _child.ExitCode);
        Assert.Contains(expected, _child.Error, StringComparison.Ordinal);
        Assert.Empty(_child.Output);
    }

    [Theory]
    [InlineData("dynamixel", "dynamixel-bus")]
    [InlineData("feetech", "feetech-bus")]
    public async Task Started_ItsPrintedOptions_OpenIt(string bus, string robot)
    {
        using Process process = _child.Start(
            redirectInput: true,
            "emulate",
            bus,
            "--servos",
            "2",
            "--link",
            Path.Combine(_child.Directory, "bus")
        );
        try
        {
            await WaitFor(process.StandardOutput, "Options to drive them with");
            var options = new System.Text.StringBuilder();
            for (
                string? line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
                line is not null && !line.StartsWith("Commands", StringComparison.Ordinal);
                line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)
            )
            {
                options.AppendLine(line);
            }

            // On a busy machine an answer may be too late for the search of servos: once more then.
            using var doctor = new ChildProcess();
            string sentence = $"{robot} opens and reads: joint1/position";
            for (int attempt = 0; attempt < 3 && !doctor.Output.Contains(sentence, StringComparison.Ordinal); attempt++)
            {
                await doctor.RunAsync("doctor", doctor.Write("arm.json", options.ToString()), "--set", "Task:Name=reach");
            }

            Assert.Contains(sentence, doctor.Output, StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task Dynamixel_UnknownModel_ListsThoseThereAre()
    {
        await _child.RunAsync("emulate", "dynamixel", "--model", "mx28");
        Assert.Equal(2, _child.ExitCode);
        Assert.Contains("--model is \"mx28\"; allowed: xl330-m077, xl330-m288, xl430-w250", _child.Error, StringComparison.Ordinal);
    }

    private static async Task WaitFor(StreamReader output, string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await output.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"it ended without \"{text}\"");
    }

    private static Task<int?> Ping(TermiosTransport port, byte id) =>
        Task.Run(() =>
        {
            byte[] buffer = new byte[64];
            port.Write(buffer.AsSpan(0, DynamixelCodec.Ping(buffer, id)), Reply);
            var decoder = new DynamixelDecoder();
            while (port.Read(buffer, TimeSpan.FromMilliseconds(300)) is { Count: > 0 } read)
            {
                ReadOnlySpan<byte> bytes = buffer.AsSpan(0, read.Count);
                if (decoder.TryRead(ref bytes, out DynamixelPacket packet))
                {
                    return (int?)packet.UInt16At(0);
                }
            }

            return null;
        });
}
