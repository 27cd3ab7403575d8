using System.Text;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Runtime.Tests.Control;

/// <summary>Requests to a control socket none of which is one.</summary>
internal static class MalformedRequest
{
    private static readonly string[] Commands = ["status", "arm", "stop", "powerOff", "beat", "ready"];

    /// <summary>The next one.</summary>
    public static byte[] Next(CounterRandom random)
    {
        string command = Commands[random.NextInt32(Commands.Length)];
        string good = $"{{\"command\":\"{command}\",\"reason\":\"because\"}}";
        return random.NextInt32(12) switch
        {
            0 => Encoding.UTF8.GetBytes(good[..random.NextInt32(good.Length)]),
            1 => Bytes(random, random.NextInt32(200), 256),
            2 => Bytes(random, 4097 + random.NextInt32(20_000), 256, avoidLine: true),
            3 => [.. Encoding.UTF8.GetBytes(new string('[', 1 + random.NextInt32(3000))), (byte)'\n'],
            4 => Line($"{{\"command\":{{\"command\":\"{command}\"}}}}"),
            5 => Line($"{{\"command\":{random.NextInt32(10)}}}"),
            6 => Line($"{{\"command\":\"{command}x\"}}"),
            7 => Line($"{{\"command\":\"{command}\",\"command\":\"{command}\"}}"),
            8 => Line($"{{\"command\":\"{command}\",\"reason\":{random.NextInt32(10)}}}"),
            9 => Line($"[{good}]"),
            10 => [.. "{\"command\":\""u8, 0xC3, 0x28, 0xFF, .. Encoding.UTF8.GetBytes(command), (byte)'"', (byte)'}', (byte)'\n'],
            _ => Line($"{good}{(char)('!' + random.NextInt32(80))}"),
        };
    }

    private static byte[] Line(string text) => Encoding.UTF8.GetBytes(text + "\n");

    private static byte[] Bytes(CounterRandom random, int count, int values, bool avoidLine = false)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = (byte)random.NextInt32(values);
            bytes[i] = avoidLine && bytes[i] == '\n' ? (byte)' ' : bytes[i];
        }

        return bytes;
    }
}
