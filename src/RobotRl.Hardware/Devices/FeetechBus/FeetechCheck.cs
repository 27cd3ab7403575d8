using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>Looks at the bus before anything is powered: who is there, is it what the options describe, is it set up for it.</summary>
internal sealed class FeetechCheck(
    FeetechBusOptions options,
    FeetechJoint[] joints,
    FeetechLink link,
    ITransport transport,
    TimeProvider time
)
{
    // Two servos of one id answer at once or one behind the other, nearly every time; one alone does neither, but for a bad line.
    private const int Pings = 8,
        Doubtful = 3,
        Tries = 5,
        RateCodes = 8;

    /// <summary>Every servo is there, once, and is an STS3215.</summary>
    /// <exception cref="RobotException">One sentence that says which not, and what to do.</exception>
    public void Identify()
    {
        var missing = new List<FeetechJoint>();
        foreach (FeetechJoint joint in joints)
        {
            int single = 0,
                twice = 0,
                garbled = 0;
            for (int i = 0; i < Pings && (i < Tries || single + twice + garbled > 0); i++)
            {
                (int answers, bool noise) = link.Ping(joint.Id);
                if (link.HasEcho)
                {
                    throw Error(EchoWatch.Describe(transport.Name));
                }

                single += answers == 1 && !noise ? 1 : 0;
                twice += answers > 1 ? 1 : 0;
                garbled += answers < 2 && noise ? 1 : 0;
            }

            if (link.IsLost)
            {
                throw new TransportException(
                    transport.Name,
                    $"Port {transport.Name} was lost while its servos were looked for. Check the cable."
                );
            }

            if (twice + garbled >= Doubtful)
            {
                throw Error(
                    $"two servos seem to have the id {joint.Id} ({joint.Name}): {twice} of {Pings} pings were answered twice, "
                        + $"{garbled} were garbled. Connect them one at a time and give each its own id."
                );
            }

            if (single == 0)
            {
                missing.Add(joint);
            }
        }

        if (missing.Count == joints.Length)
        {
            throw Error(Nobody());
        }

        if (missing.Count > 0)
        {
            string found = string.Join(", ", joints.Except(missing).Select(j => $"{j.Id} ({j.Name})"));
            throw Error(
                $"no answer from servo {string.Join(", ", missing.Select(j => $"{j.Id} ({j.Name})"))}; there are {found}. "
                    + $"Check its cable and its id (Robot:FeetechBus:Servos)."
            );
        }

        foreach (FeetechJoint joint in joints)
        {
            int model = Read(joint, FeetechTable.ModelNumber);
            if (model != FeetechTable.Sts3215ModelNumber)
            {
                throw Error(
                    $"servo {joint.Id} ({joint.Name}) has the model number {model}; an STS3215 has "
                        + $"{FeetechTable.Sts3215ModelNumber}. Only that one is supported."
                );
            }
        }
    }

    /// <summary>What each servo keeps about its positions, goals and torque; nothing is written.</summary>
    /// <param name="forWork">Whether it is to be driven; otherwise only its positions are read.</param>
    /// <exception cref="RobotException">A servo cannot be driven as it is: servo, register, value, and what to do.</exception>
    public void ReadKept(bool forWork)
    {
        foreach (FeetechJoint joint in joints)
        {
            int gain = joint.IsVelocity
                ? Read(joint, FeetechTable.VelocityP) + Read(joint, FeetechTable.VelocityI)
                : Read(joint, FeetechTable.PositionP);
            FeetechKept kept = new(
                Read(joint, FeetechTable.MinAngle),
                Read(joint, FeetechTable.MaxAngle),
                Read(joint, FeetechTable.MaxTorque),
                (FeetechPhase)Read(joint, FeetechTable.Phase),
                Read(joint, FeetechTable.AngleResolution),
                Read(joint, FeetechTable.PositionOffset),
                (FeetechMode)Read(joint, FeetechTable.OperatingMode),
                gain,
                link.TryRead(joint.Id, FeetechTable.MaxVelocity, out int fastest) ? fastest : 0
            );
            joint.Take(kept);
            if ((forWork ? kept.ChangeSince(joint.Calibration) : null) is { } change)
            {
                throw Error($"servo {joint.Id} ({joint.Name}) {change} (file {options.Calibration}).");
            }

            if (kept.Problem(joint.IsVelocity, forWork) is { } problem)
            {
                throw Error($"servo {joint.Id} ({joint.Name}) {problem}");
            }
        }
    }

    /// <summary>Operating modes as the options have them: all that is ever changed in a servo's EEPROM. Torque is off.</summary>
    /// <exception cref="RobotException">A servo does not take it.</exception>
    public void SetUp()
    {
        foreach (FeetechJoint joint in joints)
        {
            int mode = (int)(joint.IsVelocity ? FeetechMode.Velocity : FeetechMode.Position);
            if (Read(joint, FeetechTable.OperatingMode) == mode)
            {
                joint.Mode = (FeetechMode)mode;
                continue;
            }

            bool done = false;
            for (int attempt = 0; attempt < Tries && !done; attempt++)
            {
                // EEPROM: unlocked for the moment only, so that nothing else gets in.
                done = link.TryWrite(joint.Id, FeetechTable.Lock, 0) && link.TryWrite(joint.Id, FeetechTable.OperatingMode, mode);
                done &= link.TryWrite(joint.Id, FeetechTable.Lock, 1);
            }

            if (!done)
            {
                throw Error($"servo {joint.Id} ({joint.Name}) does not take operating mode {mode}. Check cables and supply.");
            }

            joint.Mode = (FeetechMode)mode;
        }
    }

    /// <summary>Nobody answers: perhaps the servos are set to another rate.</summary>
    private string Nobody()
    {
        for (int code = 0; code < RateCodes; code++)
        {
            int rate = FeetechUnits.BaudRate(code);
            if (rate == options.Serial.BaudRate)
            {
                continue;
            }

            transport.Close();
            if (AnswersAt(rate))
            {
                return $"no servo answers, but one does at {rate} baud. Set Robot:FeetechBus:Serial:BaudRate to {rate}, or the "
                    + $"servos to {options.Serial.BaudRate}.";
            }
        }

        return $"no servo answers, at no rate from {FeetechUnits.BaudRate(RateCodes - 1)} to {FeetechUnits.BaudRate(0)} baud. Check "
            + $"supply and cables, and that this is the port of the bus (Robot:FeetechBus:Serial:Port).";
    }

    private bool AnswersAt(int rate)
    {
        try
        {
            using ITransport other = SerialTransports.Create(options.Serial with { BaudRate = rate });
            other.Open();
            var trial = new FeetechLink(other, time, options.EffectiveReplyTimeout);
            return trial.Ping(joints[0].Id).Answers > 0 || trial.Ping(joints[^1].Id).Answers > 0;
        }
        catch (TransportException)
        {
            // A rate that the adapter cannot do.
            return false;
        }
    }

    private int Read(FeetechJoint joint, FeetechRegister register)
    {
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            if (link.TryRead(joint.Id, register, out int value))
            {
                return value;
            }
        }

        throw Error(
            $"servo {joint.Id} ({joint.Name}) answers pings, but not a read of register {register.Address}. "
                + $"{link.LatencyAdvice ?? "Check cables and supply"}."
        );
    }

    private RobotException Error(string message) =>
        new(FeetechBusDevice.Kind, $"Robot {FeetechBusDevice.Kind} on {transport.Name}: {message}");
}
