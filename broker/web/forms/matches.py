"""Forms of matches: asking, putting to both sides, saying no, writing, calling, and confirming."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from broker.domain.kinds import Lane, Side
from broker.domain.partnerships import Terms
from broker.domain.quantities import Stock, one_number
from broker.domain.refusals import Unfit
from broker.store.listings import Listing
from broker.store.matches import stock_of
from broker.web.forms.base import AmountField, BaseForm, PlainDateField
from broker.web.forms.commitments import HelpForm
from broker.web.saying import amount
from broker.web.words import DECLINE_REASONS, LANE, LISTING_KIND, UNIT

MESSAGE = Length(max=2000, message="Keep this under 2,000 characters")
PROBLEMS = {
    "needed": "Fill this in",
    "more_than_left": "That is more than is left. Type a smaller number",
    "more_than_yours": "That is more than your own listing has left. Type a smaller number",
    "not_positive": "Type a number above 0",
    "not_counted": "This side is not counted, so leave its number empty",
    "differ": "Both sides count the same thing, so the two numbers must be the same",
    "unsettled": "Say how the background check is settled: who arranges it, and that nobody starts without it",
    "before_start": "This must not be before the first day",
    "past": "Choose a day after today",
    "late_review": "Choose a day no later than a year after the last day",
    "review_first": "Something lasting is reviewed before it is closed. Call the review first",
    "more_than_taken": "No more can go back than this partnership took",
    "unit_changed": "The listing counts in another unit now, so nothing can go back to it by itself",
    "wrong_sides": "These two do not go together: a need or an aspiration meets an offer or an asset",
    "own_organisation": "Both belong to the same organisation",
    "no_common_area": "These two are not open in the same council area",
}


def counted(unit: Any) -> str:
    """The question for an amount: 'How many hours'."""
    return f"How many {UNIT[unit][1]}"


def left(listing: Listing) -> str:
    """A hint beside an amount: how much there still is."""
    stock = stock_of(listing)
    if stock.remaining is None:
        return "The whole was not stated, so leave this empty if you cannot say."
    return f"{amount(stock.remaining, stock.unit)} left."


class AskForm(BaseForm):
    """Asking for somebody's listing with one of the own."""

    listing = RadioField("Which of your listings is it for?", coerce=int, validators=[InputRequired("Choose one")])
    amount = AmountField("How many")
    message = TextAreaField("Say a few words to them", [MESSAGE])

    def fit_to(self, wanted: Listing) -> None:
        """Ask for an amount in the unit of what is wanted, or not at all."""
        if wanted.unit is None:
            del self.amount
        else:
            self.amount.label.text = counted(wanted.unit)

    def put_for(self, refusal: Unfit, wanted: Side) -> None:
        """Put a refusal of either amount at the one amount that was asked."""
        found = dict(refusal.problems)
        own = found.pop(f"{Side.SUPPLY if wanted is Side.DEMAND else Side.DEMAND}_amount", None)
        theirs = found.pop(f"{wanted}_amount", None)
        if code := theirs or (own and "more_than_yours"):
            found["amount"] = code
        self.put(Unfit(found), PROBLEMS)


class AmountsForm(BaseForm):
    """How much of each side: one number where both count in the same unit, else one for each side that counts."""

    demand_amount = AmountField("How many")
    supply_amount = AmountField("How many")

    def fit_to(self, demand: Listing, supply: Listing) -> None:
        """Keep the questions that these two listings need, and word them."""
        stocks = stock_of(demand), stock_of(supply)
        if one_number(*stocks):
            self._word(stocks[0], "demand_amount", "")
            del self.supply_amount
            return
        self._word(stocks[0], "demand_amount", f" of the {LISTING_KIND[demand.kind].lower()}")
        self._word(stocks[1], "supply_amount", f" of the {LISTING_KIND[supply.kind].lower()}")

    def _word(self, stock: Stock, name: str, whose: str) -> None:
        if stock.unit is None:
            del self[name]
        else:
            self[name].label.text = counted(stock.unit) + whose

    def amounts(self) -> dict[str, Decimal | None]:
        """What was typed, for the action."""
        return {name: self[name].amount if name in self else None for name in ("demand_amount", "supply_amount")}

    def put(self, refusal: Unfit, words: Mapping[str, str]) -> None:
        """One number carries the problems of both sides."""
        found = dict(refusal.problems)
        if "supply_amount" in found and "supply_amount" not in self:
            found.setdefault("demand_amount", found["supply_amount"])
            del found["supply_amount"]
        super().put(Unfit(found), words)


class ProposeForm(AmountsForm):
    """Putting a pair to both sides."""

    message = TextAreaField("A word to both sides", [MESSAGE])


class DismissForm(BaseForm):
    """Setting a pair aside."""

    reason = TextAreaField("Why does it not fit?", [MESSAGE])


class DeclineForm(BaseForm):
    """A kind no, ready-made, with room for more."""

    reason = SelectField("Why", choices=DECLINE_REASONS)
    text = TextAreaField("Anything the officer should know", [MESSAGE])


class WriteForm(BaseForm):
    """A question, an answer, a note or a call."""

    text = TextAreaField("Your message", [DataRequired("Write something first"), MESSAGE])


class RemarkForm(BaseForm):
    """A word that may be left out."""

    text = TextAreaField("Why", [MESSAGE])


class AnswerForm(BaseForm):
    """What one side told the officer."""

    side = SelectField("Who", choices={str(side): str(side) for side in Side})
    reason = SelectField("Why", choices=DECLINE_REASONS, default="other")
    text = TextAreaField("Who said so, and how", [MESSAGE])


class ConfirmForm(AmountsForm, HelpForm):
    """The terms of a partnership."""

    what = TextAreaField("What will happen, in one sentence", [DataRequired("Say what will happen"), MESSAGE])
    starts_on = PlainDateField("First day", [InputRequired("Give the first day")])
    ends_on = PlainDateField("Last day", [InputRequired("Give the last day")])
    lane = RadioField("Is it one-off or lasting?", choices={str(lane): text for lane, text in LANE.items()})
    review_on = PlainDateField("Day of the review")
    text = TextAreaField("Notes for both sides", [MESSAGE])
    settled = TextAreaField("How the background check is settled", [MESSAGE])

    def terms(self) -> Terms:
        """What was typed, once `ok`."""
        return Terms(
            what=self.what.data or "",
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            lane=Lane(self.lane.data),
            review_on=self.review_on.data,
            **self.amounts(),
        )
