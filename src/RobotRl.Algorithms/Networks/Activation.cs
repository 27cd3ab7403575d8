namespace RobotRl.Algorithms.Networks;

/// <summary>Non-linearity after each hidden layer.</summary>
public enum Activation
{
    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>x where positive, else 0.01 x (PyTorch's default slope).</summary>
    LeakyRelu,

    /// <summary>tanh x.</summary>
    Tanh,
}
