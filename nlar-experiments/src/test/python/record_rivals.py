"""Records runs of the rivals' own code, which RivalsTest replays; of those that are rules of the library, every backend too.

    PYTHONPATH=DIR python3 record_rivals.py prodigy dadaptation dog > ../resources/io/nlar/experiments/rivals.json
    PYTHONPATH=DIR python3 record_rivals.py nadamw lion > ../../../../nlar-testkit/src/test/resources/io/nlar/testkit/authors/runs.json

DIR holds the authors' files, unchanged: prodigyopt/, dadaptation/, dog/, lion_pytorch.py (google/automl) and
nadamw_full_budget.py (mlcommons/algorithmic-efficiency, algorithms/baselines/self_tuning/pytorch_nadamw_full_budget.py). docs/experiments.md has their
versions.

The problem, in float64: a matrix w and a vector b, gradient a·(x − c) + noise for each element, where a, c, noise and the
first values are sines of the element's and the step's number, so that Java has the same without a file. A tensor `kept`
follows w as the statistics of batch normalisation do, and is not trained.
"""

import json
import math
import sys
from unittest.mock import MagicMock

import torch

for absent in ("absl", "algoperf", "algoperf.pytorch_utils"):
    sys.modules.setdefault(absent, MagicMock())  # of the benchmark, not of the optimizer

import nadamw_full_budget
from dadaptation import DAdaptAdam
from dog import DoG, PolynomialDecayAverager
from lion_pytorch import Lion
from prodigyopt import Prodigy

ROWS, COLUMNS = 4, 3
SHOWN = (1, 2, 3, 5, 10, 20, 50, 100, 150)
STEPS = SHOWN[-1]


def sines(factor, shift, start, count):
    return torch.tensor([math.sin(factor * (start + i) + shift) for i in range(count)], dtype=torch.float64)


class Problem(torch.nn.Module):
    def __init__(self, curvature, noise):
        super().__init__()
        self.curvature, self.noise = curvature, noise
        self.w = torch.nn.Parameter(sines(1.7, 0.3, 0, ROWS * COLUMNS).reshape(ROWS, COLUMNS))
        self.b = torch.nn.Parameter(torch.zeros(COLUMNS, dtype=torch.float64))
        self.register_buffer("kept", torch.zeros(COLUMNS, dtype=torch.float64))

    def gradients(self, step):
        """Sets the gradients of a step, counted from 1, scaled to a global norm of at most 1."""
        start, squares = 0, 0.0
        for p in (self.w, self.b):
            n = p.numel()
            slope = self.curvature * (1.1 + sines(2.3, 0, start, n))
            target = 2 * sines(0.9, 1, start, n)
            noise = self.noise * sines(3.1, 5.3 * step, start, n)
            p.grad = (slope * (p.detach().flatten() - target) + noise).reshape(p.shape)
            squares += p.grad.square().sum().item()
            start += n
        if squares > 1:
            for p in (self.w, self.b):
                p.grad.mul_(1 / math.sqrt(squares))
        with torch.no_grad():
            self.kept.mul_(0.9).add_(0.1 * self.w.detach().mean(0))


def record(optimizer, rate, make, curvature=1.0, noise=0.2):
    problem = Problem(curvature, noise)
    torch_optimizer, after, told, evaluated = make(problem)
    shown = []
    for step in range(1, STEPS + 1):
        problem.gradients(step)
        rate_now = told(torch_optimizer)
        torch_optimizer.step()
        after()
        if step in SHOWN:
            entry = {"step": step, "w": problem.w.flatten().tolist(), "b": problem.b.tolist(),
                     "rate": rate_now if rate_now is not None else told_after(torch_optimizer)}
            if evaluated is not None:
                model = evaluated()
                entry["evaluated"] = {"w": model.w.flatten().tolist(), "b": model.b.tolist(), "kept": model.kept.tolist()}
            shown.append(entry)
    return {"optimizer": optimizer, "rate": rate, "curvature": curvature, "noise": noise, "steps": STEPS, "shown": shown}


def told_after(optimizer):
    group = optimizer.param_groups[0]
    return float(group["eta"][0]) if "eta" in group else float(group["d"])


def nothing(*_):
    return None


def nadamw(rate, steps):
    def make(problem):
        nadamw_full_budget.HPARAMS = nadamw_full_budget.HPARAMS._replace(learning_rate=rate)
        state = nadamw_full_budget.init_optimizer_state(MagicMock(step_hint=steps), problem, None, None, None)
        return state["optimizer"], state["scheduler"].step, lambda o: o.param_groups[0]["lr"], None
    return make


def dog(reps_rel):
    def make(problem):
        averager = PolynomialDecayAverager(problem)
        return DoG(problem.parameters(), reps_rel=reps_rel), averager.step, nothing, lambda: averager.averaged_model
    return make


def main():
    published = nadamw_full_budget.HPARAMS.learning_rate
    runs = [
        record("nadamw", published, nadamw(published, STEPS)),
        record("nadamw", 0.05, nadamw(0.05, STEPS), curvature=0.05),
        record("lion", 1e-4, lambda p: (Lion(p.parameters(), lr=1e-4), nothing, lambda o: 1e-4, None)),
        record("lion", 0.02, lambda p: (Lion(p.parameters(), lr=0.02), nothing, lambda o: 0.02, None), noise=1.0),
        record("prodigy", 1e-6, lambda p: (Prodigy(p.parameters()), nothing, nothing, None)),
        record("prodigy", 1e-3, lambda p: (Prodigy(p.parameters(), d0=1e-3), nothing, nothing, None), curvature=0.05),
        record("dadaptation", 1e-6, lambda p: (DAdaptAdam(p.parameters()), nothing, nothing, None), curvature=0.1),
        record("dadaptation", 1e-3, lambda p: (DAdaptAdam(p.parameters(), d0=1e-3), nothing, nothing, None), curvature=0.05),
        record("dog", 1e-6, dog(1e-6)),
        record("dog", 1e-2, dog(1e-2), curvature=0.05, noise=0.05),
    ]
    runs = [run for run in runs if run["optimizer"] in sys.argv[1:]]
    json.dump({"torch": torch.__version__, "runs": runs}, sys.stdout, separators=(",", ":"))
    print()


main()
