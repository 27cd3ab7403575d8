using System.CommandLine;

namespace RobotRl.Runtime.Commands;

/// <summary>Arguments and options that several commands share.</summary>
internal static class CommandLineParts
{
    /// <summary>The options file.</summary>
    public static Argument<string?> File() =>
        new("FILE")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "Options file (JSON, comments allowed). Without it every default holds.",
        };

    /// <summary>Single options.</summary>
    public static Option<string[]> Set() =>
        new("--set")
        {
            HelpName = "Section:Key=value",
            Description = "Sets one option, over the file and the environment. May be repeated.",
            DefaultValueFactory = _ => [],
        };

    /// <summary>One JSON document on standard output.</summary>
    public static Option<bool> Json() =>
        new("--json") { Description = "One JSON document on standard output, everything else on standard error." };

    /// <summary>A run's directory or a policy file.</summary>
    public static Argument<string> RunOrPolicy() =>
        new("RUN|POLICY")
        {
            Description =
                "Directory of a run (its champion is taken, or before there is one the newest admitted policy), or a policy file.",
        };

    /// <summary>The best admitted policy of a run.</summary>
    public const string Champion = "champion";

    /// <summary>The newest admitted policy of a run.</summary>
    public const string Newest = "newest";

    /// <summary>Which policy of a run.</summary>
    public static Option<string?> Policy()
    {
        var which = new Option<string?>("--policy")
        {
            HelpName = $"{Champion}|{Newest}",
            Description = "Which policy of a run. Without it the champion, or before there is one the newest.",
        };
        which.AcceptOnlyFromAmong(Champion, Newest);
        return which;
    }

    /// <summary>A running run's directory.</summary>
    public static Argument<string?> Run() =>
        new("RUN")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "Directory of a running run. Without it the only one that runs below ./runs.",
        };
}
