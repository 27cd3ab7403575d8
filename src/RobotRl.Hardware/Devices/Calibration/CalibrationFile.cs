using System.Globalization;
using System.Text.Json;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.Calibration;

/// <summary>A robot's calibrations as a JSON file, which <c>robotrl calibrate</c> writes and devices read.</summary>
public sealed record CalibrationFile
{
    /// <summary>The format that this program writes and reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Format version.</summary>
    public int Format { get; set; } = CurrentFormat;

    /// <summary>The kind of robot that it was made for, such as <c>dynamixel-bus</c>.</summary>
    public string Robot { get; set; } = "";

    /// <summary>By name of the joint.</summary>
    public SortedDictionary<string, JointCalibration> Joints { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Reads and checks a file. Any thread.</summary>
    /// <exception cref="CalibrationException">It is not there, cannot be read, is of another format or robot, or has problems;
    /// the message names the file and what to do.</exception>
    public static CalibrationFile Load(string path, string robot)
    {
        CalibrationFile? file;
        try
        {
            file = JsonSerializer.Deserialize(File.ReadAllText(path), CalibrationJson.Default.CalibrationFile);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CalibrationException(
                path,
                $"Calibration file {path} does not exist. Make it with robotrl calibrate, or correct the path.",
                error
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CalibrationException(path, $"Calibration file {path} cannot be read: {error.Message}", error);
        }
        catch (JsonException error)
        {
            string at = error.LineNumber is { } line ? FormattableString.Invariant($" in line {line + 1}") : "";
            throw new CalibrationException(
                path,
                $"Calibration file {path} is not one{at}: {error.Message} Correct it, or make it anew with robotrl calibrate.",
                error
            );
        }

        if (file is null || file.Format != CurrentFormat)
        {
            throw new CalibrationException(
                path,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Calibration file {path} has format {file?.Format ?? 0}; this program reads {CurrentFormat}. Make it "
                        + $"anew with robotrl calibrate."
                )
            );
        }

        if (file.Robot != robot)
        {
            throw new CalibrationException(
                path,
                $"Calibration file {path} is of a robot \"{file.Robot}\"; this one is \"{robot}\". Choose the right file."
            );
        }

        string[] problems =
        [
            .. file.Joints.SelectMany(j => j.Value is null ? [$"Joint {j.Key} is null."] : j.Value.Validate($"Joint {j.Key}")),
        ];
        return problems.Length == 0 ? file : throw new CalibrationException(path, $"Calibration file {path}: {string.Join(" ", problems)}");
    }

    /// <summary>Refuses a path where something else than a regular file is: a rename would replace a device, too. Any thread.</summary>
    /// <exception cref="CalibrationException">A directory, a device, a named pipe or a socket is there.</exception>
    public static void RequireFile(string path)
    {
        if (FileKinds.Of(path, follow: true) is var kind and not (FileKind.File or FileKind.Missing))
        {
            throw new CalibrationException(
                path,
                $"Calibration file {path} cannot be written: {FileKinds.Describe(kind)} is there. Name a file, or a path where nothing is."
            );
        }
    }

    /// <summary>Writes the file: beside it first, then in its place. Any thread.</summary>
    /// <exception cref="CalibrationException">It has problems, or cannot be written.</exception>
    public void Save(string path)
    {
        string[] problems = [.. Joints.SelectMany(j => j.Value.Validate($"Joint {j.Key}"))];
        if (problems.Length > 0)
        {
            throw new CalibrationException(path, $"Calibration for {path}: {string.Join(" ", problems)}");
        }

        RequireFile(path);
        try
        {
            // What is named by a link is written where the link points; a rename would replace the link.
            path = new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            string beside = path + ".new";
            File.WriteAllText(beside, JsonSerializer.Serialize(this, CalibrationJson.Default.CalibrationFile) + "\n");
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CalibrationException(path, $"Calibration file {path} cannot be written: {error.Message}", error);
        }
    }
}
