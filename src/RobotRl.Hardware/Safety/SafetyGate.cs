using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Safety;

/// <summary>
/// The one way from a policy to a robot, simulated or real: whatever is proposed, what comes out is finite and within every
/// limit. Order: finite numbers (else the whole vector is rejected), age of the reading, position, velocity, acceleration,
/// jerk and rate limits against the previous command, effort with a braking envelope near position limits, and at last the
/// range that the hardware accepts.
/// </summary>
/// <remarks>
/// Control thread only; a second instance may judge what-if commands elsewhere. <see cref="Apply"/> and <see cref="Hold"/>
/// neither allocate nor throw (but for vectors of the wrong length). Limits that exclude each other yield from mild to hard:
/// jerk, command rate, acceleration, velocity, braking envelope, position, effort, the hardware's range.
/// </remarks>
public sealed class SafetyGate
{
    private readonly JointGate[] _joints;
    private readonly double[] _previous;
    private readonly TimeSpan _maxSensorAge;
    private readonly int _states;
    private bool _synchronised;

    /// <summary>Builds the gate of <paramref name="robot"/>, called once every <paramref name="period"/>.</summary>
    /// <exception cref="ArgumentException">The options do not fit the robot; the message holds every problem.</exception>
    public SafetyGate(RobotDescription robot, SafetyOptions options, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(robot);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        string[] problems = [.. options.Validate("Safety", robot)];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        }

        _states = robot.States.Length;
        _maxSensorAge = options.MaxSensorAge ?? TimeSpan.MaxValue;
        _joints =
        [
            .. robot.Commands.Select(c => new JointGate(
                robot,
                c,
                options.Joints.GetValueOrDefault(c.Name),
                options.RestVelocity,
                period.TotalSeconds
            )),
        ];
        _previous = [.. _joints.Select(j => j.Previous)];
    }

    /// <summary>The command written last, [commands]; the measured pose (or the safe value) after <see cref="Resynchronise"/>.</summary>
    public ReadOnlySpan<double> PreviousCommand => _previous;

    /// <summary>Length of the state that <see cref="CopyState"/> writes.</summary>
    public int StateSize => 1 + (_joints.Length * JointGate.StateSize);

    /// <summary>
    /// Starts anew from where the robot is, at arming and after a teleport: the previous command becomes the measured pose
    /// (position) or the safe value (velocity, effort), at rest. False, and nothing is changed, where a reading is not finite.
    /// </summary>
    public bool Resynchronise(ReadOnlySpan<double> state)
    {
        Require(state.Length == _states);
        if (!AllFinite(state))
        {
            return false;
        }

        for (int i = 0; i < _joints.Length; i++)
        {
            _joints[i].Resynchronise(state);
            _previous[i] = _joints[i].Previous;
        }

        _synchronised = true;
        return true;
    }

    /// <summary>
    /// Whether every joint with a velocity reading is slower than its rest velocity; false where a reading is not finite.
    /// </summary>
    public bool AtRest(ReadOnlySpan<double> state)
    {
        Require(state.Length == _states);
        bool rest = AllFinite(state);
        foreach (JointGate joint in _joints)
        {
            rest &= joint.AtRest(state);
        }

        return rest;
    }

    /// <summary>Whether a configured position or velocity limit is broken by the measured state, in spite of the gate.</summary>
    public bool IsViolated(ReadOnlySpan<double> state)
    {
        Require(state.Length == _states);
        bool violated = false;
        foreach (JointGate joint in _joints)
        {
            violated |= joint.IsViolated(state);
        }

        return violated;
    }

    /// <summary>
    /// Which joints move, how fast, and up to which speed they count as at rest; null where all rest. Any thread while no tick
    /// runs; allocates.
    /// </summary>
    public string? DescribeMotion(ReadOnlySpan<double> state)
    {
        Require(state.Length == _states);
        if (!AllFinite(state))
        {
            return "its reading is not finite";
        }

        List<string> moving = [];
        foreach (JointGate joint in _joints)
        {
            if (joint.DescribeMotion(state) is { } motion)
            {
                moving.Add(motion);
            }
        }

        return moving.Count == 0 ? null : string.Join("; ", moving);
    }

    /// <summary>
    /// Which joints are beyond a limit in <paramref name="state"/>, [states], by what, and what is allowed; null where none is.
    /// Allocates.
    /// </summary>
    public string? DescribeViolation(ReadOnlySpan<double> state)
    {
        Require(state.Length == _states);
        List<string> beyond = [];
        foreach (JointGate joint in _joints)
        {
            if (joint.DescribeViolation(state) is { } violation)
            {
                beyond.Add(violation);
            }
        }

        return beyond.Count == 0 ? null : string.Join("; ", beyond);
    }

    /// <summary>
    /// Lets a proposed command through, limited or not at all. Synchronises first where nobody did.
    /// </summary>
    /// <param name="proposed">The proposed command, [commands], any numbers.</param>
    /// <param name="state">The newest reading, [states].</param>
    /// <param name="sensorAge">Its age.</param>
    /// <param name="executed">What may be written, [commands]; the hold command where rejected. May be
    /// <paramref name="proposed"/>'s own memory.</param>
    public GateVerdict Apply(ReadOnlySpan<double> proposed, ReadOnlySpan<double> state, TimeSpan sensorAge, Span<double> executed)
    {
        Require(proposed.Length == _joints.Length && executed.Length == _joints.Length && state.Length == _states);
        GateReasons reasons =
            (AllFinite(proposed) ? GateReasons.None : GateReasons.NonFiniteAction)
            | (AllFinite(state) ? GateReasons.None : GateReasons.NonFiniteState)
            | (sensorAge > _maxSensorAge ? GateReasons.SensorStale : GateReasons.None);
        double age = Math.Max(0, sensorAge.TotalSeconds);
        if (!_synchronised)
        {
            Resynchronise(state);
        }

        if (reasons != GateReasons.None)
        {
            return Stop(proposed, state, age, executed, reasons);
        }

        int first = -1;
        for (int i = 0; i < _joints.Length; i++)
        {
            double wanted = proposed[i],
                allowed = _joints[i].Next(wanted, state, age, ref reasons);
            first = first < 0 && allowed != wanted ? i : first;
            executed[i] = _previous[i] = allowed;
        }

        return first < 0 ? new(GateOutcome.Accepted, GateReasons.None, -1) : new(GateOutcome.Limited, reasons, first);
    }

    /// <summary>
    /// Writes the hold command, past rate and jerk limits: position keeps the previous command, velocity and effort take their
    /// safe value (an effort brakes instead where it would run into a position limit).
    /// </summary>
    public GateVerdict Hold(ReadOnlySpan<double> state, Span<double> executed)
    {
        Require(executed.Length == _joints.Length && state.Length == _states);
        if (!_synchronised)
        {
            Resynchronise(state);
        }

        return Stop(executed, state, 0, executed, AllFinite(state) ? GateReasons.Hold : GateReasons.Hold | GateReasons.NonFiniteState);
    }

    /// <summary>Copies everything that decides what is allowed next, [<see cref="StateSize"/>].</summary>
    public void CopyState(Span<double> destination)
    {
        Require(destination.Length == StateSize);
        destination[0] = _synchronised ? 1 : 0;
        for (int i = 0; i < _joints.Length; i++)
        {
            _joints[i].Copy(destination.Slice(1 + (i * JointGate.StateSize), JointGate.StateSize));
        }
    }

    /// <summary>Continues exactly where <see cref="CopyState"/> was called.</summary>
    public void RestoreState(ReadOnlySpan<double> source)
    {
        Require(source.Length == StateSize);
        _synchronised = source[0] != 0;
        for (int i = 0; i < _joints.Length; i++)
        {
            _joints[i].Restore(source.Slice(1 + (i * JointGate.StateSize), JointGate.StateSize));
            _previous[i] = _joints[i].Previous;
        }
    }

    private GateVerdict Stop(
        ReadOnlySpan<double> proposed,
        ReadOnlySpan<double> state,
        double age,
        Span<double> executed,
        GateReasons reasons
    )
    {
        bool blind = (reasons & (GateReasons.NonFiniteState | GateReasons.SensorStale)) != 0;
        int first = -1;
        for (int i = 0; i < _joints.Length; i++)
        {
            double hold = blind ? _joints[i].BlindHold : _joints[i].Hold(state, age);
            first = first < 0 && hold != proposed[i] ? i : first;
            _joints[i].RecordStop(hold);
            executed[i] = _previous[i] = hold;
        }

        return new(GateOutcome.Rejected, reasons, first);
    }

    private static bool AllFinite(ReadOnlySpan<double> values)
    {
        foreach (double value in values)
        {
            if (!double.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }

    private static void Require(bool lengths)
    {
        if (!lengths)
        {
            throw new ArgumentException(
                "SafetyGate: a vector's length differs from the robot's description. Pass spans of its number of states and commands."
            );
        }
    }
}
