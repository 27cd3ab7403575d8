using RobotRl.Runtime.Composition;

return RobotRlHost.CreateBuilder(args).Build().Run();
