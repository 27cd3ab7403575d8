using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>Who watches over the runtime from outside.</summary>
internal interface IFeetechGuardian : IDisposable
{
    /// <summary>Waits until no guardian of an earlier runtime works on the bus.</summary>
    /// <exception cref="Transports.TransportException">One does not end.</exception>
    void AwaitBus();

    /// <summary>Starts watching; returns when it watches.</summary>
    /// <exception cref="RobotException">It does not; the message says why.</exception>
    void Start();

    /// <summary>A sign of life, with or without power. False where nobody watches any more. Neither allocates nor waits.</summary>
    bool Beat(bool powered);

    /// <summary>Ends watching. Harmless where it does not watch.</summary>
    /// <param name="inOrder">True: nothing is done to the servos. False: it is let go, and stops them where they carry power.</param>
    void End(bool inOrder);
}
