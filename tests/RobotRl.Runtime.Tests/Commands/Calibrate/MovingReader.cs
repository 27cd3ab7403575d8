namespace RobotRl.Runtime.Tests.Commands.Calibrate;

/// <summary>Somebody who moves a joint and then answers, question by question.</summary>
internal sealed class MovingReader(params (Action Move, string Answer)[] steps) : TextReader
{
    private int _next;

    public override string? ReadLine()
    {
        if (_next == steps.Length)
        {
            return null;
        }

        (Action move, string answer) = steps[_next++];
        move();
        return answer;
    }
}
