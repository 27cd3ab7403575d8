using System.Globalization;
using System.Net;
using System.Text;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Telemetry;

/// <summary>
/// Draws returns against steps as an SVG. One series: its points faint and their moving mean. Several (seeds): each smoothed and
/// faint, their mean, and the band from the least to the greatest. Transparent, in colours that show on light and dark pages,
/// with the reader's own sans-serif font.
/// </summary>
public sealed class LearningCurve
{
    private const double Width = 760,
        Height = 400,
        Left = 72,
        Right = 20,
        Top = 46,
        Bottom = 52;
    private const int GridPoints = 200;
    private const int MaxPoints = 1000;

    private readonly List<(double Value, string Label)> _references = [];

    /// <summary>Heading.</summary>
    public string Title { get; init; } = "Learning curve";

    /// <summary>Label of the horizontal axis.</summary>
    public string StepLabel { get; init; } = "control steps";

    /// <summary>Label of the vertical axis.</summary>
    public string ValueLabel { get; init; } = "return of an episode";

    /// <summary>
    /// Points on either side that the moving mean takes in, as a share of the whole; 0 for none. Default 2%: enough to see
    /// through single episodes.
    /// </summary>
    public double Smoothing { get; init; } = 0.02;

    /// <summary>Adds a dashed horizontal line, such as the optimum.</summary>
    public void AddReference(double value, string label) => _references.Add((value, label));

    /// <summary>Draws <paramref name="series"/>; values that are not finite are left out.</summary>
    public string Draw(IReadOnlyList<CurveSeries> series)
    {
        ArgumentNullException.ThrowIfNull(series);
        var raw = series.Select(Finite).Where(s => s.Steps.Length > 0).ToList();
        var svg = new StringBuilder();
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" "
                + $"height=\"{Height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(Title)}\" font-family=\"system-ui, 'Segoe "
                + $"UI', 'DejaVu Sans', sans-serif\" font-size=\"12\" fill=\"#747e89\">"
        );
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Left}\" y=\"24\" font-size=\"15\" font-weight=\"600\">{WebUtility.HtmlEncode(Title)}</text>"
        );
        if (raw.Count == 0)
        {
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<text x=\"{Width / 2}\" y=\"{Height / 2}\" text-anchor=\"middle\">no finished episode yet</text>"
            );
            return svg.Append("</svg>\n").ToString();
        }

        double first = Math.Min(0, raw.Min(s => s.Steps[0])),
            last = Math.Max(first + 1, raw.Max(s => s.Steps[^1]));
        List<CurveSeries> smooth = [.. raw.Select(s => Thin(Smooth(s, last - first)))];
        var shown = (raw.Count == 1 ? raw : smooth).SelectMany(s => s.Values).Concat(_references.Select(r => r.Value)).ToList();
        var x = Axis.Over(first, last, Left, Width - Right, widen: false);
        var y = Axis.Over(shown.Min(), shown.Max(), Height - Bottom, Top, widen: true);
        DrawAxes(svg, x, y);
        foreach ((double value, string label) in _references)
        {
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y.At(value):F1}\" y2=\"{y.At(value):F1}\" "
                    + $"stroke=\"#bf8700\" stroke-width=\"1.5\" stroke-dasharray=\"6 4\"/>"
            );
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<text x=\"{Left + 6}\" y=\"{y.At(value) - 6:F1}\" fill=\"#bf8700\">{WebUtility.HtmlEncode(label)}</text>"
            );
        }

        if (raw.Count == 1)
        {
            CurveSeries points = Thin(raw[0]);
            foreach ((double step, double value) in points.Steps.Zip(points.Values))
            {
                svg.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"<circle cx=\"{x.At(step):F1}\" cy=\"{y.At(value):F1}\" r=\"1.8\" fill=\"#2f81f7\" fill-opacity=\"0.5\"/>"
                );
            }

            Path(svg, smooth[0], x, y, "stroke=\"#2f81f7\" stroke-width=\"2.2\"");
        }
        else
        {
            DrawSeeds(svg, smooth, x, y);
        }

        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>Draws into a file, whole or not at all.</summary>
    public void Save(string path, IReadOnlyList<CurveSeries> series) => WholeFile.Write(path, Draw(series));

    /// <summary>
    /// Tick positions from <paramref name="low"/> to <paramref name="high"/>: 1, 2 or 5 times a power of ten apart, 3 to 7 of
    /// them.
    /// </summary>
    internal static (double First, double Spacing) Ticks(double low, double high)
    {
        double rough = (high - low) / 6;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double spacing =
            power
            * (
                (rough / power) switch
                {
                    <= 1 => 1,
                    <= 2 => 2,
                    <= 5 => 5,
                    _ => 10,
                }
            );
        return (Math.Ceiling((low / spacing) - 1e-9) * spacing, spacing);
    }

    /// <summary>A tick's label in the unit that fits the axis, whose greatest number is <paramref name="size"/>.</summary>
    internal static string Label(double value, double size)
    {
        return size switch
        {
            _ when Math.Abs(value) < 1e-9 * size => "0",
            >= 1e6 => Text(value / 1e6, "M"),
            >= 1e4 => Text(value / 1e3, "k"),
            _ => Text(value, ""),
        };

        static string Text(double number, string unit) =>
            number.ToString("0.####", CultureInfo.InvariantCulture).Replace('-', '\u2212') + unit;
    }

    private static void DrawSeeds(StringBuilder svg, List<CurveSeries> smooth, Axis x, Axis y)
    {
        // Where all seeds have values, or the mean would jump where one begins or ends.
        double from = smooth.Max(s => s.Steps[0]),
            to = smooth.Min(s => s.Steps[^1]);
        if (to > from)
        {
            double[] steps = [.. Enumerable.Range(0, GridPoints).Select(i => from + ((to - from) * i / (GridPoints - 1)))];
            double[][] values = [.. smooth.Select(s => steps.Select(step => At(s, step)).ToArray())];
            var upper = steps.Select((step, i) => Point(x.At(step), y.At(values.Max(v => v[i]))));
            var lower = steps.Select((step, i) => Point(x.At(step), y.At(values.Min(v => v[i])))).Reverse();
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<path d=\"M{string.Join('L', upper.Concat(lower))}Z\" fill=\"#2f81f7\" fill-opacity=\"0.18\"/>"
            );
            foreach (CurveSeries one in smooth)
            {
                Path(svg, one, x, y, "stroke=\"#2f81f7\" stroke-width=\"1\" stroke-opacity=\"0.45\"");
            }

            Path(
                svg,
                new("mean", steps, [.. steps.Select((_, i) => values.Average(v => v[i]))]),
                x,
                y,
                "stroke=\"#2f81f7\" stroke-width=\"2.6\""
            );
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<text x=\"{Width - Right}\" y=\"24\" text-anchor=\"end\">mean and range of {smooth.Count} seeds</text>"
            );
            return;
        }

        foreach (CurveSeries one in smooth)
        {
            Path(svg, one, x, y, "stroke=\"#2f81f7\" stroke-width=\"1.6\" stroke-opacity=\"0.7\"");
        }
    }

    private void DrawAxes(StringBuilder svg, Axis x, Axis y)
    {
        const double middleX = (Left + Width - Right) / 2,
            middleY = (Top + Height - Bottom) / 2;
        for (double tick = y.FirstTick; tick <= y.High + (1e-9 * y.Spacing); tick += y.Spacing)
        {
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y.At(tick):F1}\" y2=\"{y.At(tick):F1}\" stroke=\"#8b949e\" "
                    + $"stroke-opacity=\"0.28\"/>"
            );
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<text x=\"{Left - 8}\" y=\"{y.At(tick) + 4:F1}\" text-anchor=\"end\">{Label(tick, y.Size)}</text>"
            );
        }

        for (double tick = x.FirstTick; tick <= x.High + (1e-9 * x.Spacing); tick += x.Spacing)
        {
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<line x1=\"{x.At(tick):F1}\" x2=\"{x.At(tick):F1}\" y1=\"{Height - Bottom}\" y2=\"{Height - Bottom + 5}\" "
                    + $"stroke=\"#8b949e\"/>"
            );
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<text x=\"{x.At(tick):F1}\" y=\"{Height - Bottom + 19}\" text-anchor=\"middle\">{Label(tick, x.Size)}</text>"
            );
        }

        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Height - Bottom}\" y2=\"{Height - Bottom}\" stroke=\"#8b949e\"/>"
        );
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<text x=\"{middleX:F1}\" y=\"{Height - 12}\" text-anchor=\"middle\">{WebUtility.HtmlEncode(StepLabel)}</text>"
        );
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<text transform=\"translate(18 {middleY:F1}) rotate(-90)\" text-anchor=\"middle\">{WebUtility.HtmlEncode(ValueLabel)}</text>"
        );
    }

    private static void Path(StringBuilder svg, CurveSeries series, Axis x, Axis y, string style) =>
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<path "
                + $"d=\"M{string.Join('L', series.Steps.Zip(series.Values, (step, value) => Point(x.At(step), y.At(value))))}\" "
                + $"fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"round\" {style}/>"
        );

    private static string Point(double x, double y) => string.Create(CultureInfo.InvariantCulture, $"{x:F1} {y:F1}");

    private static CurveSeries Finite(CurveSeries series)
    {
        var good = series.Steps.Zip(series.Values).Where(p => double.IsFinite(p.First) && double.IsFinite(p.Second)).ToList();
        return new(series.Name, [.. good.Select(p => p.First)], [.. good.Select(p => p.Second)]);
    }

    /// <summary>Mean of the points within a window of steps around each point.</summary>
    private CurveSeries Smooth(CurveSeries series, double span)
    {
        double reach = Smoothing * span;
        double[] mean = new double[series.Values.Length];
        (int from, int to, double sum) = (0, 0, 0);
        for (int i = 0; i < mean.Length; i++)
        {
            for (; to < mean.Length && series.Steps[to] <= series.Steps[i] + reach; to++)
            {
                sum += series.Values[to];
            }

            for (; series.Steps[from] < series.Steps[i] - reach; from++)
            {
                sum -= series.Values[from];
            }

            mean[i] = sum / (to - from);
        }

        return series with
        {
            Values = mean,
        };
    }

    /// <summary>
    /// At most <see cref="MaxPoints"/> points, evenly chosen, the last one included: more than that is not seen and makes the
    /// file long.
    /// </summary>
    private static CurveSeries Thin(CurveSeries series)
    {
        int stride = (series.Steps.Length + MaxPoints - 1) / MaxPoints;
        if (stride <= 1)
        {
            return series;
        }

        int[] kept = [.. Enumerable.Range(0, series.Steps.Length).Where(i => (series.Steps.Length - 1 - i) % stride == 0)];
        return series with { Steps = [.. kept.Select(i => series.Steps[i])], Values = [.. kept.Select(i => series.Values[i])] };
    }

    private static double At(CurveSeries series, double step)
    {
        int found = Array.BinarySearch(series.Steps, step);
        int right = found >= 0 ? found : ~found;
        if (found >= 0 || right == 0)
        {
            return series.Values[right];
        }

        if (right == series.Steps.Length)
        {
            return series.Values[^1];
        }

        double share = (step - series.Steps[right - 1]) / (series.Steps[right] - series.Steps[right - 1]);
        return series.Values[right - 1] + (share * (series.Values[right] - series.Values[right - 1]));
    }

    private readonly record struct Axis(double Low, double High, double From, double To, double FirstTick, double Spacing)
    {
        public double Size => Math.Max(Math.Abs(Low), Math.Abs(High));

        public static Axis Over(double low, double high, double from, double to, bool widen)
        {
            double margin = high > low ? 0.05 * (high - low) : Math.Max(1, Math.Abs(high) * 0.1);
            (low, high) = widen ? (low - margin, high + margin) : (low, high);
            (double first, double spacing) = Ticks(low, high);
            return new(low, high, from, to, first, spacing);
        }

        public double At(double value) => From + ((value - Low) / (High - Low) * (To - From));
    }
}
