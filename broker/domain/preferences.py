"""What "not for us" means for the rest of a list: the limit that each reason sets."""

from dataclasses import dataclass
from datetime import date

from broker.domain.kinds import NotForUs

NEAREST = 0.5  # miles: most points are only as exact as a ward, so nearer than this nothing is told apart


@dataclass(frozen=True, slots=True)
class Refused:
    """A suggestion that somebody does not want, as far as it matters here. None: not known."""

    miles: float | None
    support_kind: str | None
    from_date: date | None
    until_date: date | None


@dataclass(frozen=True, slots=True)
class Limit:
    """What goes from a listing's list beside the pair itself; nothing more where all is None.

    `miles`: whatever is as far or further. `support_kind`: whatever is of that kind. The dates: whatever lies wholly
    within them; a period without its first or last day is open on that side.
    """

    miles: float | None = None
    support_kind: str | None = None
    from_date: date | None = None
    until_date: date | None = None


def limit_of(why: NotForUs, refused: Refused, own_kind: str | None) -> Limit:
    """The limit that a reason sets.

    The listing's own kind of support is never refused as a whole: whoever asks for goods and calls some goods the
    wrong kind of help means those goods.
    """
    if why is NotForUs.TOO_FAR and refused.miles is not None and refused.miles >= NEAREST:
        return Limit(miles=refused.miles)
    if why is NotForUs.WRONG_KIND and refused.support_kind != own_kind:
        return Limit(support_kind=refused.support_kind)
    if why is NotForUs.WRONG_TIME:
        return Limit(from_date=refused.from_date, until_date=refused.until_date)
    return Limit()
