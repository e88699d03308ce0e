"""What PyTorch's Adam takes on the GPU: fused, fused behind clip_grad_norm_, foreach, and fused with all in bfloat16; and a
copy on the device.

Arguments: the most parameters, rounds, seconds a sample takes at least, seconds in which all must end. Prints one JSON object
a line; those that start with a brace are figures. Sizes and numbers of tensors are those of Nlar's own figures.
"""

import json
import sys
import time

import torch

most, rounds, sample, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
deadline = time.monotonic() + seconds

SMALL = 4096
RATE = 1e-3
LONG = 0.2  # seconds


def say(**fields):
    print(json.dumps(fields), flush=True)


def seconds_of(action, count):
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(count):
        action()
    torch.cuda.synchronize()
    return time.perf_counter() - start


def microseconds(action):
    """The median of the rounds, each of as many repetitions as a sample takes; of three where they take long."""
    seconds_of(action, 1)
    count = 1
    while (taken := seconds_of(action, count)) < sample:
        count = max(2 * count, min(16 * count, int(sample * count / max(taken, 1e-9))))
    times = sorted(seconds_of(action, count) / count for _ in range(rounds if taken < LONG else min(rounds, 3)))
    return round(1e6 * times[len(times) // 2], 3)


def model(tensors, length, dtype):
    """Parameters with gradients, side by side in two buffers, as Nlar's are."""
    values = torch.randn(tensors * length, device="cuda", dtype=dtype)
    gradients = torch.randn(tensors * length, device="cuda", dtype=dtype) * 1e-3
    parameters = []
    for i in range(tensors):
        parameter = torch.nn.Parameter(values[i * length : (i + 1) * length])
        parameter.grad = gradients[i * length : (i + 1) * length]
        parameters.append(parameter)
    return parameters


def adam(tensors, length, clips, dtype=torch.float32, **kind):
    parameters = model(tensors, length, dtype)
    optimizer = torch.optim.Adam(parameters, lr=RATE, **kind)

    def step():
        if clips:
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()

    return microseconds(step)


def copy(length):
    source = torch.randn(length, device="cuda")
    target = torch.empty(length, device="cuda")
    return microseconds(lambda: target.copy_(source))


RIVALS = [
    ("fused Adam", 16, lambda tensors, length: adam(tensors, length, False, fused=True)),
    ("clip + fused Adam", 24, lambda tensors, length: adam(tensors, length, True, fused=True)),
    ("foreach Adam", 32, lambda tensors, length: adam(tensors, length, False, foreach=True)),
    ("bfloat16 fused Adam", 12, lambda tensors, length: adam(tensors, length, False, torch.bfloat16, fused=True)),
]


def measure(rival, bytes_each, action, tensors, length):
    fields = {"rival": rival, "parameters": tensors * length, "tensors": tensors}
    if time.monotonic() > deadline:
        say(**fields, skipped="time")
    elif torch.cuda.mem_get_info()[0] < bytes_each * tensors * length + (1 << 28):
        say(**fields, skipped="memory")
    else:
        try:
            say(**fields, microseconds=action(tensors, length))
        except torch.cuda.OutOfMemoryError:
            say(**fields, skipped="memory")
        except Exception as failure:  # the others may go on
            say(**fields, failed="%s: %s" % (type(failure).__name__, failure))
        torch.cuda.empty_cache()


def main():
    if not torch.cuda.is_available():
        sys.exit("PyTorch %s finds no CUDA; install one that is built for it" % torch.__version__)
    print("PyTorch %s on %s" % (torch.__version__, torch.cuda.get_device_name()), flush=True)
    for bits in (26, 28, 10, 12, 16, 20, 22, 24, 30):  # where time is short, the most telling ones are there
        if 1 << bits <= most:
            measure("copy", 8, lambda _, length: copy(length), 1, 1 << bits)
            for name, bytes_each, action in RIVALS:
                measure(name, bytes_each, action, 1, 1 << bits)
    for tensors in (10, 100, 1000, 10_000, 100_000):
        if tensors * SMALL <= most:
            for name, bytes_each, action in RIVALS:
                measure(name, bytes_each, action, tensors, SMALL)


main()
