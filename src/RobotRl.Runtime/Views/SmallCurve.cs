using System.Globalization;

namespace RobotRl.Runtime.Views;

/// <summary>
/// A curve over the whole run in a few rows of text. Keeps a bounded number of points: where it is full, pairs become one.
/// </summary>
internal sealed class SmallCurve
{
    private const int Capacity = 512;
    private const string Blocks = " ▁▂▃▄▅▆▇█";
    private const string Ascii = " ..--==##";

    private readonly List<double> _points = new(Capacity);
    private int _perPoint = 1,
        _pending;
    private double _sum;

    /// <summary>Adds a value; one not finite is left out.</summary>
    public void Add(double value)
    {
        if (!double.IsFinite(value))
        {
            return;
        }

        _sum += value;
        if (++_pending < _perPoint)
        {
            return;
        }

        _points.Add(_sum / _pending);
        (_sum, _pending) = (0, 0);
        if (_points.Count == Capacity)
        {
            for (int i = 0; i < Capacity / 2; i++)
            {
                _points[i] = 0.5 * (_points[2 * i] + _points[(2 * i) + 1]);
            }

            _points.RemoveRange(Capacity / 2, Capacity / 2);
            _perPoint *= 2;
        }
    }

    /// <summary>The curve, top row first, with its highest and lowest value beside it; empty before there are two points.</summary>
    public IReadOnlyList<string> Render(int width, int height, bool unicode)
    {
        if (_points.Count < 2 || width < 1 || height < 1)
        {
            return [];
        }

        double low = _points.Min(),
            high = _points.Max();
        double range = Math.Max(high - low, 1e-9 * Math.Max(1, Math.Abs(high)));
        string marks = unicode ? Blocks : Ascii;
        int columns = Math.Min(width, _points.Count);
        var rows = new string[height];
        for (int row = 0; row < height; row++)
        {
            var text = new char[columns];
            for (int column = 0; column < columns; column++)
            {
                int from = column * _points.Count / columns,
                    to = Math.Max(from + 1, (column + 1) * _points.Count / columns);
                double mean = 0;
                for (int i = from; i < to; i++)
                {
                    mean += _points[i] / (to - from);
                }

                // At least one eighth, so that the lowest value is seen.
                int eighths = 1 + (int)Math.Round((mean - low) / range * ((8 * height) - 1));
                text[column] = marks[Math.Clamp(eighths - (8 * (height - 1 - row)), 0, 8)];
            }

            string label =
                row == 0 ? high.ToString("F1", CultureInfo.InvariantCulture)
                : row == height - 1 ? low.ToString("F1", CultureInfo.InvariantCulture)
                : "";
            rows[row] = $"{label, 10} {new string(text)}";
        }

        return rows;
    }
}
