"""How the C library keeps memory: large buffers are given back to the system as soon as they are free."""

from __future__ import annotations

import ctypes
import sys

LARGE = 64 * 1024  # bytes; encoded pictures are larger
_M_MMAP_THRESHOLD = -3  # mallopt(3)


def give_back() -> bool:
    """Keeps glibc from raising, by itself, the size from which a buffer is given back; whether there was a glibc.

    Pictures are allocated by threads that fetch and freed by those that compute. Kept in the heaps of hundreds of
    short threads they leave holes that nobody fills again.
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_M_MMAP_THRESHOLD, LARGE))
