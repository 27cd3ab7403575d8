using System.Xml.Linq;

namespace RobotRl.Runtime.Tests.Architecture;

/// <summary>Four projects, one direction.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["RobotRl.Algorithms"] = [],
        ["RobotRl.Hardware"] = [],
        ["RobotRl.Sim"] = ["RobotRl.Hardware"],
        ["RobotRl.Runtime"] = ["RobotRl.Algorithms", "RobotRl.Hardware", "RobotRl.Sim"],
    };

    [Fact]
    public void Src_ProjectReferences_AreExactlyTheAllowedOnes()
    {
        string[] projects = [.. Repository.Files("src", "*.csproj")];
        Assert.Equal(Allowed.Keys.Order(), projects.Select(p => Path.GetFileNameWithoutExtension(p)!).Order());
        foreach (string project in projects)
        {
            Assert.Equal(Allowed[Path.GetFileNameWithoutExtension(project)], References(XDocument.Load(project)));
        }
    }

    [Fact]
    public void Src_ProjectsAndImports_TakeNoOtherWayRound()
    {
        foreach (
            string file in Repository
                .Files("src", "*.*proj")
                .Concat(Repository.Files("src", "*.targets"))
                .Concat(Repository.Files("src", "*.props"))
                .Concat(Repository.Files(".", "Directory.*.props"))
                .Concat(Repository.Files(".", "Directory.*.targets"))
        )
        {
            Assert.Empty(OtherWays(XDocument.Load(file)));
        }
    }

    [Fact]
    public void References_ForbiddenOnes_AreSeen()
    {
        XDocument project = XDocument.Parse(
            """
            <Project Sdk="Microsoft.NET.Sdk">
              <ItemGroup><ProjectReference Include="..\RobotRl.Runtime\RobotRl.Runtime.csproj" /></ItemGroup>
              <ItemGroup><Reference Include="x"><HintPath>../RobotRl.Sim.dll</HintPath></Reference>
              <Compile Include="../RobotRl.Sim/A.cs" /></ItemGroup>
            </Project>
            """
        );
        Assert.Equal(["RobotRl.Runtime"], References(project));
        Assert.Equal(2, OtherWays(project).Count());
    }

    private static IEnumerable<string> References(XDocument project) =>
        project
            .Descendants()
            .Where(e => e.Name.LocalName == "ProjectReference")
            .Select(e => Path.GetFileNameWithoutExtension(((string?)e.Attribute("Include") ?? "").Replace('\\', '/')))
            .Order(StringComparer.Ordinal);

    /// <summary>Assemblies or sources taken from a neighbour without a project reference.</summary>
    private static IEnumerable<XElement> OtherWays(XDocument project) =>
        project
            .Descendants()
            .Where(e =>
                e.Name.LocalName == "Reference"
                || (e.Name.LocalName == "Compile" && ((string?)e.Attribute("Include") ?? "").Contains("..", StringComparison.Ordinal))
            );
}
