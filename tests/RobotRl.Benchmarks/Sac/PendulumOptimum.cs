using RobotRl.Runtime.Tasks;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Benchmarks.Sac;

/// <summary>
/// The best possible mean return on the pendulum: dynamic programming backwards over the 200 steps of an episode, without
/// discount, on a grid of angles and speeds with bilinear interpolation; then the greedy policy is played from every start on
/// the exact dynamics.
/// </summary>
internal sealed class PendulumOptimum
{
    private const int Angles = 400, Speeds = 401, Torques = 41, Horizon = 200;
    private readonly double[][] _values = new double[Horizon + 1][];

    public PendulumOptimum()
    {
        _values[Horizon] = new double[Angles * Speeds];
        for (int step = Horizon - 1; step >= 0; step--)
        {
            double[] values = _values[step] = new double[Angles * Speeds], later = _values[step + 1];
            Parallel.For(0, Angles, angle =>
            {
                for (int speed = 0; speed < Speeds; speed++)
                {
                    values[(angle * Speeds) + speed] = Best(AngleAt(angle), SpeedAt(speed), later).Value;
                }
            });
        }
    }

    /// <summary>Return of the greedy policy on the exact dynamics, mean over <paramref name="starts"/> even starts.</summary>
    public double MeanReturn(int starts)
    {
        var task = new PendulumTask();
        double[] state = new double[2];
        double sum = 0;
        for (int start = 0; start < starts; start++)
        {
            task.SpreadStart(start, starts, state);
            (double angle, double speed) = (state[0], state[1]);
            for (int step = 0; step < Horizon; step++)
            {
                double torque = Best(angle, speed, _values[step + 1]).Torque;
                sum += Reward(angle, speed, torque);
                (angle, speed) = Next(angle, speed, torque);
            }
        }

        return sum / starts;
    }

    private static double AngleAt(int index) => (index * 2 * Math.PI / Angles) - Math.PI;

    private static double SpeedAt(int index) => ((index * 2.0 / (Speeds - 1)) - 1) * PendulumRobot.MaxSpeedRadPerS;

    private static (double Value, double Torque) Best(double angle, double speed, double[] later)
    {
        (double Value, double Torque) best = (double.NegativeInfinity, 0);
        double wrapped = angle - (2 * Math.PI * Math.Floor((angle + Math.PI) / (2 * Math.PI)));
        double cost = (wrapped * wrapped) + (0.1 * speed * speed), pull = speed + (15 * Math.Sin(angle) * PendulumRobot.PeriodS);
        for (int i = 0; i < Torques; i++)
        {
            double torque = ((2.0 * i / (Torques - 1)) - 1) * PendulumRobot.MaxTorqueNm;
            double nextSpeed = Math.Clamp(pull + (3 * torque * PendulumRobot.PeriodS), -PendulumRobot.MaxSpeedRadPerS, PendulumRobot.MaxSpeedRadPerS);
            double value = Interpolate(later, wrapped + (nextSpeed * PendulumRobot.PeriodS), nextSpeed) - cost - (0.001 * torque * torque);
            if (value > best.Value)
            {
                best = (value, torque);
            }
        }

        return best;
    }

    private static double Reward(double angle, double speed, double torque)
    {
        double wrapped = angle - (2 * Math.PI * Math.Floor((angle + Math.PI) / (2 * Math.PI)));
        return -((wrapped * wrapped) + (0.1 * speed * speed) + (0.001 * torque * torque));
    }

    private static (double Angle, double Speed) Next(double angle, double speed, double torque)
    {
        double next = Math.Clamp(speed + (((15 * Math.Sin(angle)) + (3 * torque)) * PendulumRobot.PeriodS), -PendulumRobot.MaxSpeedRadPerS, PendulumRobot.MaxSpeedRadPerS);
        return (angle + (next * PendulumRobot.PeriodS), next);
    }

    private static double Interpolate(double[] values, double angle, double speed)
    {
        double a = (angle + Math.PI) * (Angles / (2 * Math.PI)), s = (speed + PendulumRobot.MaxSpeedRadPerS) * ((Speeds - 1) / (2 * PendulumRobot.MaxSpeedRadPerS));
        a = a < 0 ? a + Angles : a >= Angles ? a - Angles : a;
        int a0 = Math.Min((int)a, Angles - 1), s0 = Math.Min((int)s, Speeds - 2), a1 = a0 + 1 == Angles ? 0 : a0 + 1;
        double fa = a - a0, fs = s - s0;
        double low = values[(a0 * Speeds) + s0] + (fs * (values[(a0 * Speeds) + s0 + 1] - values[(a0 * Speeds) + s0]));
        double high = values[(a1 * Speeds) + s0] + (fs * (values[(a1 * Speeds) + s0 + 1] - values[(a1 * Speeds) + s0]));
        return low + (fa * (high - low));
    }
}
