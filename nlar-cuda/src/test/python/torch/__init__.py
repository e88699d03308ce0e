"""A stand-in for PyTorch with what pytorch_figures.py uses, and no arithmetic. Stricter than it in one way: names and
arguments that it does not know are errors. FAKE_TORCH=nocuda: built without CUDA; =small: a GPU of 1 GiB; =broken: fails
in the second optimizer."""

import os

from torch import cuda, nn, optim  # noqa: F401

__version__ = "2.0.0+stand-in"
if os.environ.get("FAKE_TORCH") == "noimport":
    raise ImportError("libcudart.so.12: cannot open shared object file")


class Tensor:
    def __init__(self, length):
        self.length = length
        self.grad = None

    def __getitem__(self, part):
        assert 0 <= part.start < part.stop <= self.length
        return Tensor(part.stop - part.start)

    def __mul__(self, factor):
        return Tensor(self.length)

    def copy_(self, other):
        assert self.length == other.length


float32 = "float32"
bfloat16 = "bfloat16"


def _checked(length, device, dtype):
    assert device == "cuda"
    cuda.allocate({float32: 4, bfloat16: 2}[dtype] * length)
    return Tensor(length)


def randn(length, *, device, dtype=float32):
    return _checked(length, device, dtype)


def empty(length, *, device):
    return _checked(length, device, float32)
