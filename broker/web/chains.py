"""The chain on one screen: of a promise, a contract, a supplier or an area, with what is behind each number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from broker.domain.chains import Line, Step, together
from broker.domain.kinds import CommitmentState, Lane
from broker.domain.permissions import Action
from broker.store import chains
from broker.store.chain_lists import INHERENT, Row, Wanted, rows_behind
from broker.store.chains import Scope
from broker.store.claims import WITH_CONTRACT
from broker.store.commitments import Commitment
from broker.store.contracts import Contract
from broker.store.organisations import Organisation
from broker.web import saying, words
from broker.web.forms.base import typed
from broker.web.guard import acting, allow, load
from broker.web.paging import id_asked
from broker.web.reports import Bar, address
from broker.web.searching import Pages, page_number
from broker.web.sheets import sheet
from broker.web.standings import AT_RISK, PACE, Standing, standing

bp = Blueprint("chains", __name__)

PAGE, WHOLE = 25, 5000
GAP = {
    Step.MATCHED: "{} promised and in no partnership yet",
    Step.DELIVERED: "{} agreed in partnerships and not done yet, or counted for another promise",
    Step.VERIFIED: "{} done and not verified: the group has not said yes to it, or a check is missing",
    Step.CLAIMED: "{} verified and set against no promise yet",
}
# Where all that was done counts, also for no promise, more may be missing than the difference of two sums.
GAP_OF_ALL = {
    **GAP,
    Step.MATCHED: "At least {} promised and in no partnership yet",
    Step.DELIVERED: "At least {} agreed in partnerships and not done yet",
}
COLUMNS = ("code", "measure", "unit", "one-off or lasting", *(str(step) for step in Step), "done anyway")
ROW_COLUMNS = ("what", "number", "by", "for", "area", "day", "one-off or lasting", "how it stands", "amount", "unit")
OPENS = {"commitment": "/commitments", "partnership": "/partnerships", "delivery": "/deliveries", "claim": "/claims"}
STATES: dict[str, Mapping[Any, tuple[str, str]]] = {
    "commitment": words.COMMITMENT_STATE,
    "partnership": words.PARTNERSHIP_STATE,
    "delivery": words.DELIVERY_STATE,
    "claim": words.CLAIM_STATE,
}


@dataclass(frozen=True)
class Chain:
    """A chain as a page shows it. `path` is where it stands by itself; `standings` has those at risk first."""

    path: str
    title: str
    caption: str
    back: tuple[str, str]
    scope: Scope
    lines: Sequence[Line]
    standings: Sequence[Standing] = ()

    @property
    def tells_inherent(self) -> bool:
        """What is done anyway belongs to organisations and areas, never to a promise."""
        return self.scope.deliveries is not None

    @property
    def at_risk(self) -> list[Standing]:
        return [each for each in self.standings if each.pace in AT_RISK]

    @property
    def pictured(self) -> list[Line]:
        """What is only done anyway has no steps to picture."""
        return [line for line in self.lines if any(line.at(step) for step in Step)]

    def bars(self, line: Line) -> list[Bar]:
        """The five steps of a measure, each with the list behind it."""
        return [
            Bar(
                words.sentence(step),
                float(line.at(step)),
                saying.counted(line.at(step), line.unit),
                self.behind(line, step),
            )
            for step in Step
        ]

    def behind(self, line: Line, step: str, lane: str = "") -> str:
        """Where one reads what a number comes from."""
        return address(self.path)({"step": step, "measure": str(line.unit.id), "lane": lane})

    def gaps(self, line: Line) -> list[str]:
        """What is missing at each step, in words."""
        words_of = GAP_OF_ALL if self.tells_inherent else GAP
        return [words_of[step].format(saying.counted(line.gap(step), line.unit)) for step in Step if line.gap(step)]


@bp.get("/contracts/<id:contract_id>/chain")
@allow(Action.SEE_CONTRACT)
def contract(contract_id: int) -> str:
    return _page(_contract(contract_id))


@bp.get("/contracts/<id:contract_id>/chain.csv")
@allow(Action.SEE_CONTRACT)
def contract_file(contract_id: int) -> ResponseReturnValue:
    return _file(_contract(contract_id))


@bp.get("/commitments/<id:commitment_id>/chain")
@allow(Action.SEE_COMMITMENT)
def commitment(commitment_id: int) -> str:
    return _page(_commitment(commitment_id))


@bp.get("/commitments/<id:commitment_id>/chain.csv")
@allow(Action.SEE_COMMITMENT)
def commitment_file(commitment_id: int) -> ResponseReturnValue:
    return _file(_commitment(commitment_id))


@bp.get("/suppliers/<id:organisation_id>/chain")
@allow(Action.SEE_ORGANISATION)
def supplier(organisation_id: int) -> str:
    return _page(_supplier(organisation_id))


@bp.get("/suppliers/<id:organisation_id>/chain.csv")
@allow(Action.SEE_ORGANISATION)
def supplier_file(organisation_id: int) -> ResponseReturnValue:
    return _file(_supplier(organisation_id))


@bp.get("/reports/chain")
@allow(Action.SEE_REPORTS)
def area() -> str:
    chain, number = _area(), page_number()
    if _wanted(chain):
        return _page(chain)
    givers = chains.givers_in(acting().authority_id or 0, number, PAGE)
    pages = Pages.around(lambda to: address(chain.path)({"page": str(to)}), number, len(givers) > PAGE)
    return _page(chain, givers=givers[:PAGE], pages=pages)


@bp.get("/reports/chain.csv")
@allow(Action.SEE_REPORTS)
def area_file() -> ResponseReturnValue:
    return _file(_area())


def of_contract(contract: Contract, promises: Iterable[Commitment]) -> Chain:
    """The chain of a contract, whose promises are at hand."""
    caption = f"{contract.title}: {contract.organisation.name}"
    path = f"/contracts/{contract.id}"
    return _of_promises(path, caption, "The contract", chains.of_contract(contract.id), promises)


def of_commitment(commitment: Commitment) -> Chain:
    """The chain of one promise."""
    caption = f"{commitment.organisation.name}: {saying.counted(commitment.promised, commitment.measure)}"
    path = f"/commitments/{commitment.id}"
    return _of_promises(path, caption, "The promise", chains.of_promise(commitment.id), [commitment])


def _of_promises(page: str, caption: str, back: str, scope: Scope, promises: Iterable[Commitment]) -> Chain:
    kept = [each for each in promises if each.state == CommitmentState.OPEN]
    sums = chains.sums_of(scope)
    found = [standing(each, together(sums.get(each.id, {}).values())) for each in kept]
    standings = sorted(found, key=lambda each: each.pace not in AT_RISK)
    title = "From promise to claim"
    return Chain(f"{page}/chain", title, caption, (page, back), scope, chains.lines_for(kept, sums), standings)


def _contract(contract_id: int) -> Chain:
    found = load(Contract, contract_id, Action.SEE_CONTRACT, *chains.WITH_SUPPLIER)
    return of_contract(found, chains.promises_in(chains.of_contract(found.id)))


def _commitment(commitment_id: int) -> Chain:
    return of_commitment(load(Commitment, commitment_id, Action.SEE_COMMITMENT, *WITH_CONTRACT))


def _supplier(organisation_id: int) -> Chain:
    found = load(Organisation, organisation_id, Action.SEE_ORGANISATION)
    scope = chains.of_supplier(found.id, acting())
    back = (f"/organisations/{found.id}", found.name)
    if acting().organisation_id == found.id:
        back = ("/commitments", "Promises")
    path = f"/suppliers/{found.id}/chain"
    return Chain(path, "From promise to claim", found.name, back, scope, chains.lines_in(scope))


def _area() -> Chain:
    scope = chains.of_authority(acting().authority_id or 0)
    caption, back = "Everything promised here, and done here", ("/reports", "Reports")
    return Chain("/reports/chain", "From promise to claim", caption, back, scope, chains.lines_in(scope))


def _wanted(chain: Chain) -> tuple[Wanted, Line] | None:
    """Which number this request looks behind; None for an address that names none."""
    step, root = typed("step"), id_asked("measure")
    line = next((each for each in chain.lines if each.unit.id == root), None)
    if line is None or step not in {*Step, INHERENT}:
        return None
    return Wanted(step, root, Lane(typed("lane")) if typed("lane") in set(Lane) else None), line


def _page(chain: Chain, **more: object) -> str:
    asked = _wanted(chain)
    if asked is None:
        return render_template("chains/show.html", chain=chain, paces=PACE, **more)
    wanted, line = asked
    number = page_number()
    size = WHOLE if typed("whole") == "y" else PAGE
    rows = rows_behind(chain.scope, wanted, acting(), number, size)
    said = {"step": wanted.step, "measure": str(line.unit.id), "lane": wanted.lane or ""}
    say = address(chain.path)
    return render_template(
        "chains/list.html",
        chain=chain,
        wanted=wanted,
        line=line,
        total=_total(line, wanted),
        rows=[(_opens(row), row, _state(row)) for row in rows[:size]],
        pages=Pages.around(
            lambda to: say(said, whole=typed("whole", 1), page=str(to) if to > 1 else ""), number, len(rows) > size
        ),
        csv_href=address(f"{chain.path}.csv")(said),
        whole_href=say(said, whole="y"),
    )


def _total(line: Line, wanted: Wanted) -> Decimal:
    """What the rows come to."""
    return line.inherent if wanted.step == INHERENT else line.at(Step(wanted.step), wanted.lane)


def _state(row: Row) -> tuple[str, str]:
    return STATES[row.kind][row.state]


def _opens(row: Row) -> str | None:
    return f"{OPENS[row.kind]}/{row.id}" if row.may_see else None


def _file(chain: Chain) -> ResponseReturnValue:
    asked = _wanted(chain)
    name = chain.path.strip("/").replace("/", "-")
    if asked is None:
        return sheet(name, COLUMNS, (cells for line in chain.lines for cells in _cells(line)))
    wanted, line = asked
    rows = rows_behind(chain.scope, wanted, acting(), size=100_000)
    return sheet(f"{name}-{wanted.step}", ROW_COLUMNS, (_row_cells(row, line) for row in rows))


def _cells(line: Line) -> Iterable[tuple[object, ...]]:
    """A measure as rows of a file: both lanes together, then each for itself."""
    unit = line.unit
    amounts = (_plain(line.at(step)) for step in Step)
    yield (unit.code, unit.label, unit.unit, "both", *amounts, _plain(line.inherent))
    for lane in Lane:
        if lane in line.lanes:
            steps = ("" if step is Step.PROMISED else _plain(line.at(step, lane)) for step in Step)
            yield (unit.code, unit.label, unit.unit, words.LANE[lane].lower(), *steps, "")


def _row_cells(row: Row, line: Line) -> tuple[object, ...]:
    lane = words.LANE[Lane(row.lane)].lower() if row.lane else ""
    state, _ = _state(row)
    amount = (_plain(row.amount), line.unit.unit)
    return (row.kind, row.id, row.giver, row.receiver, row.area, row.on, lane, state, *amount)


def _plain(number: Decimal) -> str:
    return saying.figure(number).replace(",", "")
