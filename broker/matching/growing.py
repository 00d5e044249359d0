"""An array that grows at its end: cheap to append to, and seen as a plain array without copying."""

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

T = TypeVar("T", bound=np.generic)

# An eighth of spare room: appending stays cheap, and little memory lies idle.
_SPARE = 8
_LEAST = 64


class Growing(Generic[T]):
    """A one-dimensional array with room at its end."""

    __slots__ = ("_room", "size")

    def __init__(self, dtype: DTypeLike) -> None:
        self._room: NDArray[T] = np.zeros(0, dtype=dtype)
        self.size = 0

    @property
    def values(self) -> NDArray[T]:
        """What is in it, to read and to write in place; stale after the next extend."""
        return self._room[: self.size]

    @values.setter
    def values(self, values: NDArray[T]) -> None:
        """Another content altogether, kept without a copy."""
        self._room, self.size = values, len(values)

    def extend(self, values: ArrayLike, count: int) -> int:
        """Appends so many values (or one value so many times) and returns where they start."""
        start, end = self.size, self.size + count
        if end > len(self._room):
            room = np.zeros(max(_LEAST, end + end // _SPARE), dtype=self._room.dtype)
            room[:start] = self._room[:start]
            self._room = room
        self._room[start:end] = values
        self.size = end
        return start

    def __getitem__(self, at: Any) -> Any:
        return self.values[at]

    def __setitem__(self, at: Any, value: Any) -> None:
        self.values[at] = value

    def __len__(self) -> int:
        return self.size

    @property
    def nbytes(self) -> int:
        """The memory that it holds, its spare room included."""
        return self._room.nbytes
