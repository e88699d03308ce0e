"""The GPU of the stand-in."""

import os

_kind = os.environ.get("FAKE_TORCH")
_free = 1 << 28 if _kind == "small" else 80 << 30


class OutOfMemoryError(RuntimeError):
    pass


def allocate(size):
    if _kind == "full":
        raise OutOfMemoryError("CUDA out of memory")


def is_available():
    return _kind != "nocuda"


def get_device_name():
    return "a GPU of Python"


def mem_get_info():
    return _free, _free


def synchronize():
    pass


def empty_cache():
    pass
