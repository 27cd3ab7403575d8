#if TORCH
using System.Reflection;
using System.Reflection.Emit;
using TorchSharp;

namespace RobotRl.Algorithms.Tests.Torch;

/// <summary>
/// Reads compiled methods for calls that end in a new <see cref="Scalar"/>, which TorchSharp lets the garbage collector have too
/// early.
/// </summary>
internal static class ScalarCalls
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly OpCode[] s_short = Codes(1),
        s_long = Codes(2);

    private static readonly HashSet<MethodBase> s_makers = Makers();

    /// <summary>"caller calls callee" for each call in <paramref name="assembly"/> of a method of TorchSharp that makes a Scalar.</summary>
    public static IEnumerable<string> Of(Assembly assembly, params string[] exceptTypes) =>
        from method in Methods(assembly)
        let type = method.DeclaringType!
        where !exceptTypes.Any(e => type.FullName == e || type.FullName!.StartsWith(e + '+', StringComparison.Ordinal))
        from callee in Calls(method)
        where
            s_makers.Contains(callee)
            || callee.DeclaringType!.FullName!.StartsWith("TorchSharp.torch+optim", StringComparison.Ordinal)
            || callee.DeclaringType.FullName.StartsWith("TorchSharp.torch+distributions", StringComparison.Ordinal)
        select $"{type.Name}.{method.Name} calls "
            + $"{callee.DeclaringType!.Name}.{callee.Name}({string.Join(", ", callee.GetParameters().Select(p => p.ParameterType.Name))})";

    // Whatever calls the constructor, and whatever calls that, in TorchSharp. Of numbers only: invoke is given Scalars.
    private static HashSet<MethodBase> Makers()
    {
        var callers = Methods(typeof(Scalar).Assembly)
            .SelectMany(m => Calls(m).Select(c => (Caller: m, Callee: c)))
            .ToLookup(p => p.Callee, p => p.Caller);
        var makers = new HashSet<MethodBase>(typeof(Scalar).GetConstructors(All));
        var open = new Queue<MethodBase>(makers);
        while (open.TryDequeue(out MethodBase? callee))
        {
            foreach (MethodBase caller in callers[callee].Where(c => c.Name != nameof(torch.jit.CompilationUnit.invoke) && makers.Add(c)))
            {
                open.Enqueue(caller);
            }
        }

        return makers;
    }

    private static IEnumerable<MethodBase> Methods(Assembly assembly) =>
        assembly.GetTypes().SelectMany(t => t.GetMethods(All).Cast<MethodBase>().Concat(t.GetConstructors(All)));

    private static IEnumerable<MethodBase> Calls(MethodBase method)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        Type[]? typeArguments = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        Type[]? arguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (int i = 0; i < code.Length; )
        {
            OpCode operation = code[i] == 0xfe ? s_long[code[i + 1]] : s_short[code[i]];
            i += operation.Size;
            if (
                operation.OperandType == OperandType.InlineMethod
                && method.Module.ResolveMethod(BitConverter.ToInt32(code, i), typeArguments, arguments)
                    is { DeclaringType.IsArray: false } callee
            )
            {
                yield return callee.Module.ResolveMethod(callee.MetadataToken)!; // as defined, whatever its type arguments
            }

            i += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, i)),
                _ => 4,
            };
        }
    }

    private static OpCode[] Codes(int size)
    {
        var codes = new OpCode[256];
        foreach (
            OpCode code in typeof(OpCodes)
                .GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(f => (OpCode)f.GetValue(null)!)
                .Where(c => c.Size == size)
        )
        {
            codes[code.Value & 0xff] = code;
        }

        return codes;
    }
}
#endif
