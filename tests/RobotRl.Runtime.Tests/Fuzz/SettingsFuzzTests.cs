using System.Collections;
using System.Text;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Tests.Commands;
using RobotRl.Runtime.Tests.Composition;
using RobotRl.Runtime.Tests.Storage;

namespace RobotRl.Runtime.Tests.Fuzz;

/// <summary>
/// Whatever stands in a settings file or behind <c>--set</c>: one message a problem and exit code 2, or options that hold; never
/// a stack trace.
/// </summary>
[Collection(AloneGroup.Name)]
public sealed class SettingsFuzzTests : IDisposable
{
    private const int Cases = 4000;

    private static readonly string[] s_values =
    [
        .. OptionNode
            .Root.All()
            .Where(n => !n.IsSection && n.Path.Length > 0 && !n.Path.Contains("Broker", StringComparison.Ordinal))
            .Select(n => n.Path),
    ];

    private readonly TemporaryDirectory _directory = new();
    private readonly StringWriter _error = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Train_DamagedSettingsFile_IsRefusedWithoutATrace()
    {
        byte[][] whole =
        [
            .. Repository.Files("deploy/samples", "*.json").Select(File.ReadAllBytes),
            Encoding.UTF8.GetBytes(OptionsWriter.ToJson(new RobotRlOptions())),
        ];
        string file = _directory.File("settings.json");
        foreach (FuzzCase fuzz in FuzzCase.Take(Cases))
        {
            byte[] bytes = fuzz.Damage(fuzz.Pick(whole));
            File.WriteAllBytes(file, bytes);
            fuzz.Check("settings file", () => Refused("train", file));
        }
    }

    [Fact]
    public void Train_SettingsFileOfOddValues_IsRefusedWithoutATrace()
    {
        string file = _directory.File("settings.json");
        foreach (FuzzCase fuzz in FuzzCase.Take(Cases / 2, Cases))
        {
            string[] parts = fuzz.Pick(s_values).Split(':');
            string[] keys = [.. parts.Select(p => $"\"{p.Replace("*", fuzz.Next(2) == 0 ? "elbow" : "", StringComparison.Ordinal)}\"")];
            string json = $"{{{string.Join(":{", keys)}:{fuzz.JsonValue()}{new string('}', parts.Length)}";
            File.WriteAllText(file, json);
            fuzz.Check(json, () => Refused("train", file));
        }
    }

    [Fact]
    public void Train_OddAssignments_AreRefusedWithoutATrace()
    {
        foreach (FuzzCase fuzz in FuzzCase.Take(Cases, 2 * Cases))
        {
            string[] sets = [.. Enumerable.Range(0, fuzz.Next(3) + 1).SelectMany(_ => new[] { "--set", Assignment(fuzz) })];
            fuzz.Check(string.Join(' ', sets), () => Refused(["train", .. sets]));
        }
    }

    private static string Assignment(FuzzCase fuzz)
    {
        string path = fuzz.Pick(s_values)
            .Replace("*", fuzz.Pick(["elbow", "elbow/position", "", "state", "0", "a b"]), StringComparison.Ordinal);
        return fuzz.Next(12) switch
        {
            0 => path,
            1 => $"{path}:{fuzz.Value()}={fuzz.Value()}",
            2 => $"{fuzz.Value()}={fuzz.Value()}",
            3 => $"{path.ToUpperInvariant()} = {fuzz.Value()}",
            4 => $"{path[..(path.Length / 2)]}={fuzz.Value()}",
            _ => $"{path}={fuzz.Value()}",
        };
    }

    /// <summary>Runs the program up to the session, which is refused too: so every case ends with exit code 2.</summary>
    private void Refused(params string[] arguments)
    {
        _error.GetStringBuilder().Clear();
        RobotRlHostBuilder builder = RobotRlHost.CreateBuilder(arguments);
        builder.Sessions = new FakeSessions(_directory.Path) { ThrowsWhileMaking = new BadInputException("all of it fits") };
        (builder.Output, builder.Error, builder.Environment) = (TextWriter.Null, _error, new Hashtable());
        int code = builder.Build().Run();
        string said = _error.ToString();
        Assert.True(code == ExitCode.BadInput, $"exit code {code}: {said}");
        Assert.False(string.IsNullOrWhiteSpace(said), "no message");
        Assert.DoesNotContain("\n   at ", said, StringComparison.Ordinal);
    }
}
