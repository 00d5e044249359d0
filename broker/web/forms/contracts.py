"""The form of a contract."""

from decimal import Decimal
from typing import Any, Self

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from broker.domain.contracts import ContractFacts, known_as
from broker.store.accounts import User
from broker.store.contracts import Contract
from broker.web.forms.base import SHORT, BaseForm, MoneyField, PlainDateField

PROBLEMS = {
    "needed": "Enter the title of the contract",
    "after_promise": "Something is promised under this contract for a day before that. Change the promise first",
    "before_start": "The last day must not be before the first day",
    "too_long": "A contract of more than 50 years? Check both days",
    "negative": "Enter pounds from 0 to 1,000,000,000",
    "too_much": "Enter pounds from 0 to 1,000,000,000",
    "not_ocid": "An ocid has ocds-, six letters or figures, a dash and a number, such as ocds-h6vhtk-03c8d1. Check it,"
    " or write the number without ocds-",
    "taken": "Another contract of yours has this number already. Open it with the link above, or check the number",
    "unknown": "Choose somebody from the list, or write a name below",
}
NOBODY = "0"


class ContractForm(BaseForm):
    """What an officer says of a contract."""

    title = StringField(
        "Title",
        [DataRequired("Enter the title of the contract"), Length(max=400, message="Keep this under 400 characters")],
    )
    buyer = StringField("Who buys?", [SHORT])
    starts_on = PlainDateField("First day", [InputRequired("Give the first day")])
    ends_on = PlainDateField("Last day", [InputRequired("Give the last day")])
    value = MoneyField("Value of the whole contract, in pounds")
    spent = MoneyField("Spent so far, in pounds")
    manager_id = SelectField("Contract manager", validate_choice=False, default=NOBODY)
    manager_name = StringField("Or the contract manager’s name", [SHORT])
    identifier = StringField("Number of the contract", [Length(max=100, message="Keep this under 100 characters")])
    seen = HiddenField()

    @classmethod
    def of(cls, contract: Contract | None, managers: list[User]) -> Self:
        """The form filled with what is said now (or with what was just typed)."""
        form = cls.sent(data=_said(contract) if contract else None)
        form.manager_id.choices = [(NOBODY, "Nobody from this list"), *((str(m.id), m.name) for m in managers)]
        chosen = contract.manager if contract else None
        if chosen is not None and chosen.id not in {manager.id for manager in managers}:
            form.manager_id.choices.append((str(chosen.id), f"{chosen.name} (not a contract manager any more)"))
        return form

    def facts(self) -> ContractFacts:
        """What was typed. Only for a form that is ok."""
        chosen = str(self.manager_id.data or "")
        manager_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else 0
        return ContractFacts(
            title=" ".join(str(self.title.data).split()),
            buyer=" ".join(str(self.buyer.data).split()),
            identifier=known_as(str(self.identifier.data)),
            value=self.value.amount,
            spent=self.spent.amount or Decimal(0),
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            manager_id=manager_id or None,
            manager_name="" if manager_id else str(self.manager_name.data),
        )


def _said(contract: Contract) -> dict[str, Any]:
    plain = {name: getattr(contract, name) for name in ("title", "buyer", "identifier", "manager_name")}
    amounts = {name: f"{amount:f}" for name in ("value", "spent") if (amount := getattr(contract, name)) is not None}
    days = {"starts_on": contract.starts_on, "ends_on": contract.ends_on}
    return {**plain, **amounts, **days, "manager_id": str(contract.manager_id or 0), "seen": str(contract.row_version)}


class ContractsFileForm(BaseForm):
    """A file of contracts."""

    file = FileField("Your CSV file", validators=[FileRequired("Choose a file to bring in")])


class ContractsTextForm(BaseForm):
    """The same file once it has been looked at."""

    text = HiddenField(validators=[DataRequired("Send the file again")])
