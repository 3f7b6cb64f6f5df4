"""Memory of NumPy arrays, torch CPU tensors and whatever has a buffer, taken as it is.

What cannot be taken without a copy is refused where results go to it, and converted where it is read.
"""
from __future__ import annotations

import sys
from typing import Any

import numpy as np

_TORCH_NAMES = {
    "int64": "int64", "int32": "int32", "uint8": "uint8", "float32": "float32",
    "bfloat16": "uint16", "int16": "int16", "bool": "bool", "float16": "float16", "float64": "float64",
}


def is_tensor(value: Any) -> bool:
    """Whether it is a torch tensor, without importing torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def _tensor_dtype(tensor: Any) -> str:
    return str(tensor.dtype).rpartition(".")[2]


def _of_tensor(tensor: Any, what: str) -> np.ndarray[Any, Any]:
    """A CPU tensor's memory as an array; a bfloat16 one as uint16."""
    if tensor.device.type != "cpu":
        raise TypeError(f"{what} is on {tensor.device}; give a CPU tensor (pinned, to copy it from there)")
    if tensor.layout != sys.modules["torch"].strided:
        raise TypeError(f"{what} has layout {tensor.layout}; give a dense tensor")
    tensor = tensor.detach()
    if tensor.is_conj() or tensor.is_neg():
        tensor = tensor.resolve_conj().resolve_neg()
    if _tensor_dtype(tensor) == "bfloat16":
        tensor = tensor.view(sys.modules["torch"].int16)
        array: np.ndarray[Any, Any] = tensor.numpy()
        return array.view(np.uint16)
    array = tensor.numpy()
    return array


def read(value: Any, dtype: str, what: str) -> np.ndarray[Any, Any]:
    """Numbers to read, contiguous and of this type; copied only where they are not so yet.

    Raises `TypeError` for what are no whole numbers (or, of a float type, no numbers), `ValueError` for
    numbers that the type cannot hold.
    """
    wanted = np.dtype(dtype)
    if is_tensor(value):
        if _tensor_dtype(value) == "bfloat16" and wanted.kind == "f":
            value = value.float()
        array = _of_tensor(value, what)
    else:
        try:
            array = np.asarray(value)
        except (ValueError, TypeError) as error:
            raise TypeError(f"{what} is no array of numbers: {error}") from None
    if array.dtype == wanted and array.flags.c_contiguous and array.flags.aligned:
        return array
    if array.size == 0 and array.dtype.kind in "fiub":
        return np.zeros(array.shape, wanted)
    if wanted.kind in "iu":
        if array.dtype.kind not in ("iub" if wanted == np.uint8 else "iu"):
            raise TypeError(f"{what} has type {array.dtype}; give whole numbers ({dtype})")
        limits = np.iinfo(wanted)
        if array.dtype.kind != "b" and array.size and (
                int(array.min()) < limits.min or int(array.max()) > limits.max):
            raise ValueError(f"{what} holds numbers from {array.min()} to {array.max()}; {dtype} holds "
                             f"{limits.min} to {limits.max}")
    elif array.dtype.kind not in "fiu":
        raise TypeError(f"{what} has type {array.dtype}; give numbers ({dtype})")
    return np.array(array, dtype=wanted, order="C")


def write(out: Any, dtypes: tuple[str, ...], shape: tuple[int, ...] | None,
          what: str = "out") -> np.ndarray[Any, Any]:
    """Memory that results go to, as it is: of one of these types, C-contiguous, writable, of this shape
    (or of as many numbers in one dimension).

    Raises `TypeError` or `ValueError` that says what was given and what is wanted.
    """
    if is_tensor(out):
        if out.requires_grad:
            raise TypeError(f"{what} requires a gradient; give out.detach()")
        name = _tensor_dtype(out)
        if (name not in dtypes and _TORCH_NAMES.get(name) not in dtypes):
            raise TypeError(f"{what} has type {name}; give {' or '.join(dtypes)}")
        if out.device.type == "cpu" and not out.is_contiguous():
            raise ValueError(f"{what} is not contiguous; give out.contiguous()")
        array = _of_tensor(out, what)
    else:
        if isinstance(out, np.ndarray):
            array = out
        else:
            try:
                array = np.asarray(memoryview(out))
            except TypeError:
                raise TypeError(
                    f"{what} is a {type(out).__name__}; give a NumPy array, a torch CPU tensor or a "
                    "writable buffer") from None
        name = array.dtype.name
        if name not in dtypes:
            raise TypeError(f"{what} has type {name}; give {' or '.join(dtypes)}")
        if not array.dtype.isnative:
            raise TypeError(f"{what} has numbers of another byte order; give native ones")
        if not array.flags.c_contiguous:
            raise ValueError(f"{what} is not C-contiguous; give np.ascontiguousarray(...)")
        if not array.flags.writeable:
            raise ValueError(f"{what} is read-only; give one that can be written to")
        if not array.flags.aligned:
            raise ValueError(f"{what} is not aligned to its numbers")
    if shape is not None:
        wanted = int(np.prod(shape, dtype=np.int64))
        if array.shape != shape and not (array.ndim == 1 and array.size == wanted):
            raise ValueError(f"{what} has shape {tuple(array.shape)}; give {shape}, or {wanted} numbers")
    return array


def address(array: np.ndarray[Any, Any]) -> int:
    """Where an array's memory is."""
    return int(array.ctypes.data)


def aligned(shape: tuple[int, ...], dtype: Any, boundary: int = 64) -> np.ndarray[Any, Any]:
    """A new array whose memory is at a multiple of `boundary` bytes, not initialised."""
    wanted = np.dtype(dtype)
    count = int(np.prod(shape, dtype=np.int64)) * wanted.itemsize
    memory = np.empty(count + boundary, np.uint8)
    start = -address(memory) % boundary
    array: np.ndarray[Any, Any] = memory[start:start + count].view(wanted).reshape(shape)
    return array
