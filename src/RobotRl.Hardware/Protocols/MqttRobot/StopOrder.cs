using System.Text.Json;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Protocols.MqttRobot;

/// <summary>An emergency stop over MQTT. A stop is never refused: what cannot be read stops as hard as can be.</summary>
/// <param name="Level">How hard.</param>
/// <param name="Reason">Why, for the operator.</param>
public sealed record StopOrder(StopLevel Level, string Reason)
{
    private const string Unsaid = "emergency stop over MQTT",
        Calm = "stop over MQTT";

    /// <summary>
    /// Reads a payload: empty, or <c>{"level": "controlledStop", "reason": "..."}</c> with both fields optional. Never throws.
    /// </summary>
    public static StopOrder Read(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return new(StopLevel.PowerOff, Unsaid);
        }

        (StopLevel level, string why) = (StopLevel.PowerOff, "");
        try
        {
            var json = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 2 });
            while (json.Read())
            {
                if (json.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                bool isLevel = json.ValueTextEquals("level"),
                    isReason = json.ValueTextEquals("reason");
                json.Read();
                if (isLevel)
                {
                    level = json.GetString() switch
                    {
                        "controlledStop" => StopLevel.ControlledStop,
                        _ => StopLevel.PowerOff,
                    };
                }
                else if (isReason && json.GetString() is { Length: > 0 } text)
                {
                    why = $": {FrameText.Cut(text)}";
                }
            }

            return new(level, (level == StopLevel.PowerOff ? Unsaid : Calm) + why);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return new(StopLevel.PowerOff, $"{Unsaid} (its payload could not be read)");
        }
    }
}
