using RobotRl.Hardware.Devices.Calibration;

namespace RobotRl.Hardware.Tests.Devices.Calibration;

public sealed class CalibrationFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"robotrl-calibration-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void SaveLoad_EverythingSet_ComesBack()
    {
        var joint = new JointCalibration
        {
            Method = CalibrationMethod.Homing,
            ZeroTicks = -5,
            OffsetRad = 0.1,
            Direction = -1,
            GearRatio = 3.5,
            TicksPerTurn = 1024,
            MinRad = -2,
            MaxRad = 2.5,
            HomeRad = 0.3,
            HomeToleranceRad = 0.05,
            KeptOffset = -85,
            KeptPhase = 12,
        };
        new CalibrationFile { Robot = "dynamixel-bus", Joints = { ["elbow"] = joint, ["base"] = new() } }.Save(_path);
        CalibrationFile loaded = CalibrationFile.Load(_path, "dynamixel-bus");
        Assert.Equal(joint, loaded.Joints["elbow"]);
        Assert.Equal(new JointCalibration(), loaded.Joints["base"]);
        Assert.Contains("\"method\": \"Homing\"", File.ReadAllText(_path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "format": 2, "robot": "x", "joints": {} }""", "has format 2; this program reads 1")]
    [InlineData("""{ "format": 1, "robot": "feetech-bus", "joints": {} }""", "is of a robot \"feetech-bus\"; this one is \"x\"")]
    [InlineData("""{ "format": 1, "robot": "x", "joints": { "a": { "zeroTick": 1 } } }""", "zeroTick")]
    [InlineData("{\n\"format\": }", "in line 2")]
    [InlineData("""{ "format": 1, "robot": "x", "joints": { "a": { "direction": 2 } } }""", "Joint a:Direction is 2; allowed: 1 or -1.")]
    [InlineData("""{ "format": 1, "robot": "x", "joints": { "a": null } }""", "Joint a is null")]
    public void Load_Bad_NamesFileAndReason(string text, string expected)
    {
        File.WriteAllText(_path, text);
        CalibrationException error = Assert.Throws<CalibrationException>(() => CalibrationFile.Load(_path, "x"));
        Assert.Equal(_path, error.Path);
        Assert.Contains(_path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_Missing_SaysHowToMakeIt() =>
        Assert.Equal(
            $"Calibration file {_path} does not exist. Make it with robotrl calibrate, or correct the path.",
            Assert.Throws<CalibrationException>(() => CalibrationFile.Load(_path, "x")).Message
        );

    [Fact]
    public void Save_BadCalibration_WritesNothing()
    {
        Assert.Throws<CalibrationException>(() => new CalibrationFile { Joints = { ["a"] = new() { GearRatio = 0 } } }.Save(_path));
        Assert.False(File.Exists(_path));
    }

    /// <summary>Renaming a new file into the place of a device replaces the device: as root, /dev/null became a file.</summary>
    [Fact]
    public void Save_SomethingElseThanAFileIsThere_IsRefusedAndStaysThere()
    {
        string directory = Directory.CreateTempSubdirectory("robotrl-calibration-").FullName;
        try
        {
            string pipe = Path.Combine(directory, "pipe"),
                link = Path.Combine(directory, "link");
            using (System.Diagnostics.Process made = System.Diagnostics.Process.Start("mkfifo", [pipe]))
            {
                made.WaitForExit();
            }

            File.CreateSymbolicLink(link, pipe);
            foreach (string path in new[] { pipe, link, directory })
            {
                CalibrationException refused = Assert.Throws<CalibrationException>(() => new CalibrationFile { Robot = "arm" }.Save(path));
                Assert.Contains("is there. Name a file", refused.Message, StringComparison.Ordinal);
            }

            Assert.Equal(RobotRl.Hardware.Transports.FileKind.Pipe, RobotRl.Hardware.Transports.FileKinds.Of(pipe, follow: false));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Save_ThroughALink_WritesWhereItPoints()
    {
        string directory = Directory.CreateTempSubdirectory("robotrl-calibration-").FullName;
        try
        {
            string file = Path.Combine(directory, "file.json"),
                link = Path.Combine(directory, "link.json");
            new CalibrationFile { Robot = "old" }.Save(file);
            File.CreateSymbolicLink(link, file);
            new CalibrationFile { Robot = "arm" }.Save(link);
            Assert.Equal("arm", CalibrationFile.Load(file, "arm").Robot);
            Assert.Equal(file, new FileInfo(link).LinkTarget);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
