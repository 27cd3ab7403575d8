using RobotRl.Runtime.Tasks;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Benchmarks.Simulation;

/// <summary>
/// The best return on Pendulum-v1 by finite-horizon dynamic programming: 200 steps, undiscounted, backwards over a grid of
/// angle and velocity with bilinear interpolation, then played forward in the exact dynamics.
/// </summary>
/// <remarks>
/// Half of the angles suffice: the task is symmetric under a change of sign of angle, velocity and torque. Interpolation
/// makes the table's values a little too low (a cost convex near upright); what the played policy earns is earned for sure,
/// so the optimum is at least that.
/// </remarks>
internal sealed class PendulumOptimum
{
    private const double TwoPi = 2 * Math.PI;
    private static readonly PendulumTask s_task = new();

    private readonly int _angles,
        _speeds,
        _torques;
    private readonly double _angleStep,
        _speedStep;

    // [step][angle * speeds + speed]: return from there to the end; the last is zero.
    private readonly float[][] _values;

    private PendulumOptimum(int angles, int speeds, int torques)
    {
        (_angles, _speeds, _torques) = (angles, speeds, torques);
        _angleStep = TwoPi / angles;
        _speedStep = 2 * PendulumRobot.MaxSpeedRadPerS / (speeds - 1);
        _values = new float[s_task.MaxEpisodeSteps + 1][];
    }

    /// <summary>
    /// Solves on <paramref name="angles"/> (even; over one turn) by <paramref name="speeds"/> (odd) points and
    /// <paramref name="torques"/> torques, on <paramref name="threads"/> threads.
    /// </summary>
    public static PendulumOptimum Solve(int angles = 400, int speeds = 401, int torques = 41, int threads = 0)
    {
        var optimum = new PendulumOptimum(angles, speeds, torques);
        optimum._values[^1] = new float[angles * speeds];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount };
        for (int step = s_task.MaxEpisodeSteps - 1; step >= 0; step--)
        {
            float[] next = optimum._values[step + 1],
                here = new float[angles * speeds];
            Parallel.For(0, (angles / 2) + 1, options, i => optimum.SolveAngle(i, next, here));
            optimum._values[step] = here;
        }

        return optimum;
    }

    /// <summary>Mean of the table's values over <paramref name="count"/> spread starts.</summary>
    public double MeanValue(int count) => Mean(count, state => Interpolate(_values[0], state[0], state[1]));

    /// <summary>
    /// Mean of what the greedy policy earns from <paramref name="count"/> spread starts, with <paramref name="torques"/> torques
    /// to choose from.
    /// </summary>
    public double MeanReturn(int count, int torques = 401) => Mean(count, state => Play(state, torques));

    private static double Mean(int count, Func<double[], double> valueOf)
    {
        double[] values = new double[count];
        Parallel.For(0, count, i =>
        {
            double[] start = new double[2];
            s_task.SpreadStart(i, count, start);
            values[i] = valueOf(start);
        });
        return values.Average();
    }

    private void SolveAngle(int i, float[] next, float[] here)
    {
        // Angle 0 of the table is -pi, the bottom.
        double angle = -Math.PI + (i * _angleStep),
            pull = GravityStep(angle);
        int mirror = (_angles - i) % _angles;
        for (int j = 0; j < _speeds; j++)
        {
            double speed = -PendulumRobot.MaxSpeedRadPerS + (j * _speedStep),
                best = double.NegativeInfinity;
            for (int k = 0; k < _torques; k++)
            {
                double torque = Torque(k, _torques);
                (double newAngle, double newSpeed) = Move(angle, speed, pull, torque);
                best = Math.Max(best, Interpolate(next, newAngle, newSpeed) - (0.001 * torque * torque));
            }

            float value = (float)(best - (angle * angle) - (0.1 * speed * speed));
            here[(i * _speeds) + j] = value;
            here[(mirror * _speeds) + _speeds - 1 - j] = value;
        }
    }

    private double Play(double[] start, int torques)
    {
        double[] state = [.. start],
            next = new double[2],
            command = new double[1];
        double total = 0;
        for (int step = 0; step < s_task.MaxEpisodeSteps; step++)
        {
            double pull = GravityStep(state[0]),
                best = double.NegativeInfinity;
            for (int k = 0; k < torques; k++)
            {
                double torque = Torque(k, torques);
                (double angle, double speed) = Move(state[0], state[1], pull, torque);
                double value = Interpolate(_values[step + 1], angle, speed) - (0.001 * torque * torque);
                if (value > best)
                {
                    (best, command[0], next[0], next[1]) = (value, torque, angle, speed);
                }
            }

            total += s_task.Reward(state, command, next);
            (state, next) = (next, state);
        }

        return total;
    }

    private static double Torque(int k, int count) => PendulumRobot.MaxTorqueNm * ((2.0 * k / (count - 1)) - 1);

    private static double GravityStep(double angle) =>
        3 * PendulumRobot.GravityMPerS2 / (2 * PendulumRobot.LengthM) * Math.Sin(angle) * PendulumRobot.PeriodS;

    private static (double Angle, double Speed) Move(double angle, double speed, double pull, double torque)
    {
        const double PerTorque = 3 / (PendulumRobot.MassKg * PendulumRobot.LengthM * PendulumRobot.LengthM) * PendulumRobot.PeriodS;
        speed = Math.Clamp(speed + pull + (PerTorque * torque), -PendulumRobot.MaxSpeedRadPerS, PendulumRobot.MaxSpeedRadPerS);
        return (angle + (speed * PendulumRobot.PeriodS), speed);
    }

    private double Interpolate(float[] values, double angle, double speed)
    {
        double a = (angle + Math.PI) / _angleStep,
            s = (speed + PendulumRobot.MaxSpeedRadPerS) / _speedStep;
        double floor = Math.Floor(a);
        int low = (int)floor % _angles;
        low = low < 0 ? low + _angles : low;
        int high = low + 1 == _angles ? 0 : low + 1,
            j = Math.Min((int)s, _speeds - 2);
        double fa = a - floor,
            fs = s - j;
        ref float v0 = ref values[(low * _speeds) + j];
        ref float v1 = ref values[(high * _speeds) + j];
        double below = v0 + (fs * (System.Runtime.CompilerServices.Unsafe.Add(ref v0, 1) - v0));
        double above = v1 + (fs * (System.Runtime.CompilerServices.Unsafe.Add(ref v1, 1) - v1));
        return below + (fa * (above - below));
    }
}
