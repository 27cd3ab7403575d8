// A robot and a task of one's own. Every command of robotrl works with them:
//   dotnet run -c Release --project tests/RobotRl.Example
//   dotnet run -c Release --project tests/RobotRl.Example -- doctor --set Robot:Name=rail-cart
using RobotRl.Example;
using RobotRl.Runtime.Composition;

return RobotRlHost
    .CreateBuilder(args.Length > 0 ? args : ["train", "--set", "Robot:Name=rail-cart", "--steps", "3000"])
    .AddRobot("rail-cart", () => new RailCart())
    .AddTask("rail-cart", () => new CentreCart())
    .Build()
    .Run();
