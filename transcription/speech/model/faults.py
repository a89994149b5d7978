"""What a failed call of CTranslate2 means for the calls after it."""

from enum import Enum

# CTranslate2 raises RuntimeError with CUDA's own text, or with the name of a status.
_MEMORY = ("out of memory", "ALLOC_FAILED", "CUDA_ERROR_OUT_OF_MEMORY")
_DEVICE = ("CUDA failed with error", "cuBLAS failed", "cuDNN failed", "CUDA_ERROR")


class Fault(Enum):
    """How far a fault reaches."""

    ITEM = "item"  # one window, as far as anybody can tell
    MEMORY = "memory"  # fewer windows may do
    DEVICE = "device"  # no call will work


def fault(error: Exception) -> Fault:
    """Judge an error by its text: CTranslate2 has no types for it."""
    text = str(error)
    if any(sign in text for sign in _MEMORY):
        return Fault.MEMORY
    return Fault.DEVICE if any(sign in text for sign in _DEVICE) else Fault.ITEM
