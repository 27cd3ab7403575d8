using System.Runtime.ExceptionServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using RobotRl.Algorithms.Kernels;
using RobotRl.Hardware.Transports.Mqtt;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Control;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Views;

namespace RobotRl.Runtime.Composition;

/// <summary>The generic host around one session: signals, control socket, log, watchdog.</summary>
internal static class RunHost
{
    /// <summary>Longest that a controlled stop with its checkpoint may take before the host gives up on it.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Runs the session of <paramref name="plan"/> to its end; <paramref name="opening"/> says what is about to run.</summary>
    public static RunOutcome Run(SessionPlan plan, CommandContext context, Func<IRunSession, IEnumerable<string>> opening)
    {
        if (ProcessLimits.MissingFiles(ProcessLimits.FilesOfARun) is { } few)
        {
            throw new BadInputException(few);
        }

        context.HasRun = true;
        using IRunView view = RunView.Create(context.Error);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddProvider(new ViewLoggerProvider(view)).AddFilter("Microsoft", LogLevel.Warning);
        MqttOperatorOptions? mqtt = plan.RealTime ? plan.Options.Operator.Mqtt : null;
        if (mqtt is not null)
        {
            // Before the run's directory is made.
            using IMqttLink link = OperatorLink(plan, mqtt, "");
            MqttOperator.RequireBroker(link);
        }

        using ILoggerFactory loggers = LoggerFactory.Create(l => l.AddProvider(new ViewLoggerProvider(view)));
        using IRunSession session = context.Sessions.Create(plan, loggers);
        foreach (string line in opening(session))
        {
            view.WriteLine(line);
        }

        if (KernelPath.Notice() is { } slow)
        {
            view.WriteLine(slow);
        }

        using var notifier = new ServiceNotifier(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = StopTimeout);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ISystemdNotifier>(notifier);
        builder.Services.AddSingleton<IProgress<RunProgress>>(new WatchdogProgress(view, notifier, TimeProvider.System));
        // Instances are ours to dispose, not the container's.
        builder.Services.AddSingleton(session);
        builder.Services.AddSingleton<IRunControl>(session);
        builder.Services.AddSingleton<IHostLifetime, SignalLifetime>();
        if (mqtt is not null)
        {
            // The first to start: a run that is to be stopped over MQTT moves nothing before it can be.
            builder.Services.AddHostedService(s => new MqttOperator(
                plan.Options.OperatorName,
                mqtt,
                session,
                OperatorLink(plan, mqtt, "-stop"),
                OperatorLink(plan, mqtt, ""),
                s.GetRequiredService<ILogger<MqttOperator>>(),
                TimeProvider.System
            ));
        }

        // Services stop in reverse order: the session, which holds the robot, is the last but for that.
        builder.Services.AddSingleton<SessionService>();
        builder.Services.AddHostedService(s => s.GetRequiredService<SessionService>());
        builder.Services.AddHostedService(s => new ControlServer(
            session.RunDirectory,
            session,
            s.GetRequiredService<ILogger<ControlServer>>(),
            TimeProvider.System
        ));

        if (plan.RealTime && ReferenceEquals(context.Error, StandardStreams.Error) && OperatorTerminal.Exists)
        {
            view.Hint = OperatorKeys.Hint;
            builder.Services.AddHostedService<OperatorKeys>();
        }

        using IHost host = builder.Build();
        Task<RunOutcome> outcome = host.Services.GetRequiredService<SessionService>().Outcome;
        host.Run();
        if (outcome.Exception is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure.InnerException!);
        }

        return outcome.Result;
    }

    private static MqttLink OperatorLink(SessionPlan plan, MqttOperatorOptions mqtt, string what) =>
        new(mqtt.Link, $"robotrl-operator-{Environment.ProcessId}-{plan.Options.OperatorName}{what}", TimeProvider.System);
}
