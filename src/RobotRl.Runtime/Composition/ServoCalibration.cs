using RobotRl.Hardware.Devices.DynamixelBus;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Transports;
using RobotRl.Runtime.Configuration;

namespace RobotRl.Runtime.Composition;

/// <summary>The servo buses as <c>robotrl calibrate</c> works on them: the file that is to be made need not be there yet.</summary>
internal static class ServoCalibration
{
    public static void AddTo(RobotCatalogue robots)
    {
        robots.AddCalibration(DynamixelBusDevice.Kind, robot =>
        {
            DynamixelBusOptions bus = robot.DynamixelBus ?? new();
            var device = new DynamixelBusDevice(
                bus with
                {
                    Calibration = Known(bus.Calibration),
                },
                SerialTransports.Create(bus.Serial),
                TimeProvider.System
            );
            return new(
                device,
                DynamixelBusDevice.Kind,
                bus.Calibration,
                $"Robot:{nameof(RobotOptions.DynamixelBus)}:{nameof(bus.Calibration)}"
            );
        });
        robots.AddCalibration(FeetechBusDevice.Kind, robot =>
        {
            FeetechBusOptions bus = robot.FeetechBus ?? new();
            var device = new FeetechBusDevice(
                bus with
                {
                    Calibration = Known(bus.Calibration),
                },
                SerialTransports.Create(bus.Serial),
                TimeProvider.System
            );
            return new(
                device,
                FeetechBusDevice.Kind,
                bus.Calibration,
                $"Robot:{nameof(RobotOptions.FeetechBus)}:{nameof(bus.Calibration)}"
            );
        });
    }

    private static string? Known(string? file) => File.Exists(file) ? file : null;
}
