"""Arrays that grow at their end: cheap to append to, and seen as plain arrays without copying."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

T = TypeVar("T", bound=np.generic)

# An eighth of spare room: appending stays cheap, and little memory lies idle.
_SPARE = 8
_LEAST = 64


class Growing(Generic[T]):
    """An array with room at its end, each entry of it one number or so many."""

    __slots__ = ("_room", "size")

    def __init__(self, dtype: DTypeLike, *width: int) -> None:
        self._room: NDArray[T] = np.zeros((0, *width), dtype=dtype)
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
            room = np.zeros((max(_LEAST, end + end // _SPARE), *self._room.shape[1:]), self._room.dtype)
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


class Columns:
    """Arrays of one length by name, each on its own: reading one does not drag the others through memory."""

    __slots__ = ("_columns", "size")

    def __init__(self, fields: Mapping[str, type | tuple[type, int]]) -> None:
        """fields: the type of each, with its width where an entry is many numbers."""
        self._columns: dict[str, Growing[Any]] = {
            name: Growing(*field) if isinstance(field, tuple) else Growing(field) for name, field in fields.items()
        }
        self.size = 0

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._columns[name].values

    def __len__(self) -> int:
        return self.size

    def put(self, slots: NDArray[np.intp], values: Mapping[str, ArrayLike]) -> None:
        """The values of these slots from now on; slots that were never put before hold zeros."""
        more = int(slots.max(initial=-1)) + 1 - self.size
        if more > 0:
            for column in self._columns.values():
                column.extend(0, more)
            self.size += more
        for name, given in values.items():
            self._columns[name][slots] = given

    @property
    def nbytes(self) -> int:
        """The memory that they hold."""
        return sum(column.nbytes for column in self._columns.values())
