"""Words for values: how one is reckoned, step by step, and why an edition cannot be taken."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from broker.domain.worth import UnitValue, Worth, roughly, worth
from broker.store.valuations import Valuation
from broker.web import saying

EXAMPLE = Decimal(10)  # units
PROBLEMS = {
    "missing": "Fill this in",
    "too_long": "This is too long. Say it in fewer words",
    "no_year": "Give a year, such as 2026",
    "to_come": "Nobody knows the prices of that year yet. Give a year, such as 2026",
    "known": "An edition of this name is here already. Editions are never changed: give this one another name",
    "nothing_yet": "Put at least one measure on the list",
    "no_values": "None of its entries has an amount. Fill in low and high for at least one measure",
}


def value_of(each: Valuation) -> UnitValue:
    """The worth of one unit, as it is reckoned with."""
    return UnitValue(
        edition=each.edition_id,
        low=each.low,
        high=each.high,
        deadweight=each.deadweight,
        attribution=each.attribution,
        displacement=each.displacement,
        drop_off=each.drop_off,
        years=each.years,
    )


def example(each: Valuation) -> list[str]:
    """Ten units of a value, worked out in sentences."""
    whole = value_of(each)
    plain = UnitValue(edition=whole.edition, low=whole.low, high=whole.high)
    counted = saying.counted(EXAMPLE, each.measure)
    said = [
        f"Take {counted} of “{each.measure.label}”. At {_range(each.low, each.high)} for one that is {_in_full(plain)}."
    ]
    for name, why in (
        ("deadweight", "would have happened anyway (deadweight)"),
        ("attribution", "is due to others (attribution)"),
        ("displacement", "was only taken from elsewhere (displacement)"),
    ):
        percent = getattr(whole, name)
        if percent:
            plain = replace(plain, **{name: percent})
            said.append(f"{percent} in 100 {why}, so {_in_full(plain)} is left.")
    if whole.years > 1:
        fades = f"fading by {whole.drop_off} in 100 each year" if whole.drop_off else "without fading"
        said.append(f"It does good for {whole.years} years, {fades}: {_in_full(whole)} in all.")
    low, high = roughly(worth(EXAMPLE, whole))
    said.append(f"Reports say: about {_range(low, high)}.")
    return said


def _in_full(value: UnitValue) -> str:
    found: Worth = worth(EXAMPLE, value)
    return _range(found.low, found.high)


def pounds(number: Decimal) -> str:
    """'£10', '£0.80': pence where there are any."""
    return f"£{number.quantize(Decimal('0.01'), ROUND_HALF_UP):,}".removesuffix(".00")


def _range(low: Decimal, high: Decimal) -> str:
    return pounds(low) if low == high else f"{pounds(low)} to {pounds(high)}"
