"""Optimizers that do nothing."""

import os


class Adam:
    def __init__(self, parameters, *, lr, fused=False, foreach=False):
        assert fused != foreach and lr > 0
        assert all(parameter.grad is not None for parameter in parameters)
        if os.environ.get("FAKE_TORCH") == "broken" and foreach:
            raise RuntimeError("an illegal instruction was encountered")

    def step(self):
        pass
