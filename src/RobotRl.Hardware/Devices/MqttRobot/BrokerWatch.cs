using RobotRl.Hardware.Transports;
using RobotRl.Hardware.Transports.Mqtt;

namespace RobotRl.Hardware.Devices.MqttRobot;

/// <summary>
/// Looks after the broker of an <see cref="MqttRobotServer"/>: pings it where nothing is heard, and connects again where it does
/// not answer. One thread.
/// </summary>
internal sealed class BrokerWatch(
    string name,
    IMqttLink link,
    MqttRobotServerOptions options,
    TimeProvider time,
    Func<bool> isHeard,
    Action<string> notice
)
{
    /// <summary>
    /// Until <paramref name="closing"/>: <paramref name="connect"/> is called until it succeeds, then <paramref name="back"/>.
    /// </summary>
    public void Run(Action connect, Action back, CancellationToken closing)
    {
        var policy = new ReconnectPolicy(options.Reconnect, time);
        try
        {
            while (!closing.WaitHandle.WaitOne(options.PingInterval))
            {
                if ((isHeard() && link.IsOpen) || link.Ping())
                {
                    continue;
                }

                notice($"{name}: the broker {link.Name} does not answer; trying again.");
                link.Close();
                policy.Run(connect, closing);
                back();
                notice($"{name}: the broker {link.Name} is back.");
            }
        }
        catch (OperationCanceledException)
        {
            // Closing.
        }
    }
}
