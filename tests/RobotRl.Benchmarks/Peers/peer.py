"""What the PyTorch peers share: the check of their arithmetic and the taking of turns over a pipe."""
import copy
import ctypes
import sys
import time

import torch

TOLERANCE = 1e-4


def blas_kernel():
    """The kernel that OpenBLAS runs here, by its own account; None where torch uses another library."""
    with open("/proc/self/maps") as maps:
        libraries = sorted({line.split()[-1] for line in maps if "openblas" in line})
    for library in libraries:
        try:
            name = ctypes.CDLL(library).openblas_get_corename
        except (OSError, AttributeError):
            continue
        name.restype = ctypes.c_char_p
        return name().decode()
    return None


def outputs_and_gradients(module, inputs):
    """Outputs of a copy of the module and the gradients of their mean square, all in one flat list of tensors."""
    module, inputs = copy.deepcopy(module).to(inputs.dtype), inputs.clone().requires_grad_(True)
    for p in module.parameters():
        p.requires_grad_(True)
    outputs = module(inputs)
    outputs.square().mean().backward()
    return [outputs.detach(), inputs.grad, *[p.grad for p in module.parameters()]]


def largest_error(work):
    """Largest difference from float64, in units of the largest number of each tensor, over the forward and backward pass of each (module, inputs)."""
    worst = 0.0
    for module, inputs in work:
        single, double = outputs_and_gradients(module, inputs.float()), outputs_and_gradients(module, inputs.double())
        for a, b in zip(single, double):
            error = ((a.double() - b).abs().max() / b.abs().max().clamp(min=1e-12)).item()
            worst = max(worst, error if error == error else float("inf"))
    return worst


def serve(update, work, warm_up):
    """Checks the networks of `work` against float64, warms up, says what it is, then takes turns.

    A turn: one line with a number of updates comes in; the processor seconds that they took on one thread go out.
    """
    error = largest_error(work)
    if error > TOLERANCE:
        sys.exit(f"its results differ from float64 by {error:.1e} of the largest number, allowed is {TOLERANCE:.0e}")
    for _ in range(warm_up):
        update()
    print(f"torch {torch.__version__}, {'OpenBLAS ' + blas_kernel() if blas_kernel() else 'its own BLAS'}", flush=True)
    for line in sys.stdin:
        start = time.process_time()
        for _ in range(int(line)):
            update()
        print(time.process_time() - start, flush=True)
