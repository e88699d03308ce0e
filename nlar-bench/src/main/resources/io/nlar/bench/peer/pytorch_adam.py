"""PyTorch's fused Adam as a contestant of nlar bench.

Arguments: device (cpu or cuda:N), element type, number of parameters, threads, bound of the gradient's norm (0: none).
Says "ready"; then answers each command on standard input by one line: "verify" (ok, or what is wrong), "run N" (done).
"""

import os
import sys

# Answers have standard output for themselves: what libraries print there goes to standard error.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import torch  # noqa: E402

device, type_name, size, threads, bound = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
torch.set_num_threads(threads)
torch.manual_seed(size)
dtype = getattr(torch, type_name)

# A value of bfloat16 is off by half a unit in the last place after each of the three steps, and so are its moments.
TOLERANCE = 1e-6 if dtype.itemsize >= 4 else 2 * torch.finfo(dtype).eps
CHECKED = min(size, 1000)
RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8

values = torch.nn.Parameter(torch.empty(size, dtype=dtype, device=device).uniform_(-1, 1))
values.grad = torch.empty(size, dtype=dtype, device=device).uniform_(-1e-3, 1e-3)
adam = torch.optim.Adam([values], lr=RATE, betas=(BETA1, BETA2), eps=EPSILON, fused=True)


def step():
    if bound > 0:
        torch.nn.utils.clip_grad_norm_([values], bound)
    adam.step()


def finish():
    if device != "cpu":
        torch.cuda.synchronize(device)


def checked(tensor):
    """The first and the last elements, in float64."""
    return torch.cat([tensor.detach()[:CHECKED], tensor.detach()[-CHECKED:]]).double()


def verify():
    """Three steps against the published formulas in float64."""
    x = start = checked(values)
    m, v = torch.zeros_like(x), torch.zeros_like(x)
    for t in range(1, 4):
        step()
        g = checked(values.grad)
        m = BETA1 * m + (1 - BETA1) * g
        v = BETA2 * v + (1 - BETA2) * g * g
        x = x - RATE * (m / (1 - BETA1**t)) / ((v / (1 - BETA2**t)).sqrt() + EPSILON)
    error = (checked(values) - x).abs().max().item()
    if torch.equal(checked(values), start):
        return "no value has moved"
    return "ok" if error <= TOLERANCE else "a value is off by %g" % error


def answer(text):
    print(text, file=answers, flush=True)


answer("ready")
for line in sys.stdin:
    words = line.split()
    with torch.no_grad():
        if words[0] == "verify":
            answer(verify())
        else:
            for _ in range(int(words[1])):
                step()
            finish()
            answer("done")
