using System.Text;

namespace RobotRl.Hardware.Protocols.MqttRobot;

/// <summary>Sentences that travel: cut to what a frame holds, never in the middle of a character.</summary>
internal static class FrameText
{
    /// <summary>At most <see cref="MqttFrame.MaxTextBytes"/> of UTF-8.</summary>
    public static byte[] Encode(string text)
    {
        byte[] bytes = new byte[MqttFrame.MaxTextBytes];
        Encoding.UTF8.GetEncoder().Convert(text, bytes, flush: true, out _, out int used, out _);
        return bytes[..used];
    }

    /// <summary>The same as a string.</summary>
    public static string Cut(string text) => Encoding.UTF8.GetString(Encode(text));
}
