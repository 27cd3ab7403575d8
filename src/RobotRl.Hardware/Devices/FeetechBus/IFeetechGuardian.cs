using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>Who watches over the runtime from outside.</summary>
internal interface IFeetechGuardian : IDisposable
{
    /// <summary>Waits until no guardian of an earlier runtime works on the bus.</summary>
    /// <exception cref="Transports.TransportException">One does not end.</exception>
    void AwaitBus();

    /// <summary>Starts watching; returns when it watches.</summary>
    /// <param name="speed">Fastest that a servo can move, rad/s.</param>
    /// <param name="torqueLimits">
    /// Torque limit that each servo is given, register 48, units of 0.1%: those commanded by position first, then those commanded
    /// by velocity,
    /// each by id. The guardian sets none above it.
    /// </param>
    /// <exception cref="RobotException">It does not; the message says why.</exception>
    void Start(double speed, IReadOnlyList<int> torqueLimits);

    /// <summary>A sign of life, with or without power. False where nobody watches any more. Neither allocates nor waits.</summary>
    /// <param name="powered">Whether servos may carry power.</param>
    /// <param name="positions">The newest checked positions of those commanded by position.</param>
    bool Beat(bool powered, CheckedPositions positions);

    /// <summary>Ends watching. Harmless where it does not watch.</summary>
    /// <param name="inOrder">True: nothing is done to the servos. False: it is let go, and stops them where they carry power.</param>
    void End(bool inOrder);
}
