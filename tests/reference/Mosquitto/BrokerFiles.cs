using System.Diagnostics;

namespace RobotRl.Reference.Mosquitto;

/// <summary>Files of a broker's configuration.</summary>
internal static class BrokerFiles
{
    /// <summary>A password file, hashed by mosquitto's own program.</summary>
    public static void WritePasswords(string file, params (string User, string Password)[] users)
    {
        File.WriteAllLines(file, users.Select(u => $"{u.User}:{u.Password}"));
        using Process process = Process.Start("mosquitto_passwd", ["-U", file]);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"mosquitto_passwd ended with {process.ExitCode}");
        }
    }
}
