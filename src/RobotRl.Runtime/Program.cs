using RobotRl.Runtime.Configuration;

if (args is ["schema"])
{
    Console.Out.Write(OptionsSchema.Generate(XmlDocumentation.Load(AppContext.BaseDirectory)));
}

return 0;
