namespace RobotRl.Hil.Pendulum;

/// <summary>One line of the rig's trace.</summary>
/// <param name="MonotonicNs">CLOCK_MONOTONIC of the host, ns: what <see cref="Hardware.Timing.MonotonicClock"/> reads.</param>
/// <param name="Cycle">Cycle of the MCU since power-on, 16 MHz.</param>
/// <param name="Name"><c>command</c>, <c>enable</c>, <c>pwm</c>, <c>reset</c>, <c>fault</c>, <c>rx</c>, <c>tx</c>, <c>plant</c>.</param>
/// <param name="Value">What the README of the rig says.</param>
public sealed record TraceEvent(long MonotonicNs, long Cycle, string Name, string Value);
