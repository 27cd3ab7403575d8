using System.Globalization;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Safety;

/// <summary>
/// Whether the joints of a robot follow what they are commanded. A joint must be, within its tolerance, between where the slowest
/// healthy answer to the commands of before would have brought it and where the quickest would have. One that is elsewhere without
/// load is cut: limited, slowed or without power at the servo. One that pushes is blocked: it holds something, or stands against it.
/// </summary>
/// <remarks>
/// Control thread, but for the constructor and what says so. It allocates nothing. Joints commanded in effort are not watched, for an
/// effort has no place where the joint should be; nor is one without a state that tells what its command asks for.
/// </remarks>
public sealed class FollowWatch
{
    private readonly JointFollow[] _joints;
    private readonly int[] _commands;
    private bool _forget;

    /// <summary>Watches <paramref name="robot"/>, commanded once every <paramref name="period"/>.</summary>
    public FollowWatch(RobotDescription robot, SafetyOptions options, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(robot);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        var joints = new List<JointFollow>();
        var commands = new List<int>();
        var unwatched = new List<string>();
        for (int i = 0; i < robot.Commands.Length; i++)
        {
            CommandInterface command = robot.Commands[i];
            if (JointFollow.For(robot, command, options.Joints.GetValueOrDefault(command.Name), period.TotalSeconds) is { } joint)
            {
                joints.Add(joint);
                commands.Add(i);
            }
            else
            {
                unwatched.Add(command.Name);
            }
        }

        (_joints, _commands, Unwatched) = ([.. joints], [.. commands], unwatched);
    }

    /// <summary>Names of the commands that are not watched. Any thread.</summary>
    public IReadOnlyList<string> Unwatched { get; }

    /// <summary>What is watched, and how: a phrase for each command. Any thread.</summary>
    public IReadOnlyList<string> Watched =>
        [
            .. _joints.Select(j =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{j.Command.Name} within {j.Tolerance:0.###} {j.Unit} for {j.Time.TotalSeconds:0.###} "
                        + $"s{(j.KnowsLoad ? "" : ", load not reported")}"
                )
            ),
        ];

    /// <summary>Whether a joint has not followed for its time, without load, and does not follow yet. Any thread.</summary>
    public bool IsCut
    {
        get
        {
            // A loop: the first call of a lambda allocates, and that call may come while the robot moves.
            bool cut = false;
            foreach (JointFollow joint in _joints)
            {
                cut |= joint.IsCut;
            }

            return cut && !Volatile.Read(ref _forget);
        }
    }

    /// <summary>Whether a joint has been seen not to follow without load, be it for a moment: what it was commanded was not done.</summary>
    public bool IsSuspect
    {
        get
        {
            foreach (JointFollow joint in _joints)
            {
                if (joint.IsSuspect)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Length of the state that <see cref="CopyState"/> writes; 0 where nothing is watched.</summary>
    public int StateSize => _joints.Sum(j => j.StateSize);

    /// <summary>The joints that are cut, one phrase each: name, commanded, measured, tolerance, load. Any thread; allocates.</summary>
    public IReadOnlyList<string> Cut() => Volatile.Read(ref _forget) ? [] : [.. _joints.Where(j => j.IsCut).Select(j => j.Describe())];

    /// <summary>The joints that are blocked, one phrase each as in <see cref="Cut"/>. Any thread; allocates.</summary>
    public IReadOnlyList<string> Blocked() =>
        Volatile.Read(ref _forget) ? [] : [.. _joints.Where(j => j.IsBlocked).Select(j => j.Describe())];

    /// <summary>How many joints are blocked. Any thread.</summary>
    public int BlockedCount
    {
        get
        {
            int blocked = 0;
            foreach (JointFollow joint in _joints)
            {
                blocked += joint.IsBlocked ? 1 : 0;
            }

            return Volatile.Read(ref _forget) ? 0 : blocked;
        }
    }

    /// <summary>What was seen before does not count any more: the robot is armed anew. Any thread.</summary>
    public void Forget() => Volatile.Write(ref _forget, true);

    /// <summary>
    /// The commands begin anew from the reading <paramref name="state"/>, [states]: at arming, at a reset, at the begin of a
    /// move.
    /// </summary>
    public void Restart(ReadOnlySpan<double> state)
    {
        ForgetWhereAsked();
        foreach (JointFollow joint in _joints)
        {
            joint.Restart(state);
        }
    }

    /// <summary>One more period has begun with <paramref name="command"/>, [commands], in force; not where the device refused it.</summary>
    public void Take(ReadOnlySpan<double> command, bool accepted)
    {
        for (int i = 0; i < _joints.Length; i++)
        {
            _joints[i].Take(accepted ? command[_commands[i]] : double.NaN);
        }
    }

    /// <summary>Judges a fresh and finite reading, [states].</summary>
    public void Look(ReadOnlySpan<double> state)
    {
        ForgetWhereAsked();
        foreach (JointFollow joint in _joints)
        {
            joint.Look(state);
        }
    }

    /// <summary>Copies everything that decides what is told next, [<see cref="StateSize"/>].</summary>
    public void CopyState(Span<double> destination)
    {
        foreach (JointFollow joint in _joints)
        {
            joint.Copy(destination[..joint.StateSize]);
            destination = destination[joint.StateSize..];
        }
    }

    /// <summary>Continues exactly where <see cref="CopyState"/> was called.</summary>
    public void RestoreState(ReadOnlySpan<double> source)
    {
        foreach (JointFollow joint in _joints)
        {
            joint.Restore(source[..joint.StateSize]);
            source = source[joint.StateSize..];
        }
    }

    private void ForgetWhereAsked()
    {
        if (Volatile.Read(ref _forget))
        {
            foreach (JointFollow joint in _joints)
            {
                joint.Forget();
            }

            Volatile.Write(ref _forget, false);
        }
    }
}
