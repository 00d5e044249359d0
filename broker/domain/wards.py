"""What is told of a ward: the months that are looked back on."""

from datetime import date

MONTHS = 12


def months_before(on: date, number: int = MONTHS) -> list[date]:
    """The first days of so many months, the one of this day the last."""
    whole = on.year * 12 + on.month - 1
    return [date(each // 12, each % 12 + 1, 1) for each in range(whole - number + 1, whole + 1)]
