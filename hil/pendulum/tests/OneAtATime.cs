using Xunit.Sdk;
using Xunit.v3;

// Each test starts a rig in real time: two at once on a small machine would measure each other.
[assembly: Parallelization(Mode = ParallelMode.None)]
