"""The tables of states and of rights, drawn for people: what docs/ holds is printed from here."""

from collections.abc import Iterator

from broker.domain.kinds import Role
from broker.domain.permissions import GRANTS, Action, Reach
from broker.domain.states import MACHINES, Machine

REACH_WORDS = {
    Reach.NONE: "",
    Reach.ASSIGNED: "handed to them",
    Reach.GIVEN: "what they give",
    Reach.RECEIVED: "what they receive",
    Reach.OWN: "own",
    Reach.AREA: "own area",
    Reach.ALL: "all",
}


def spoken(name: str) -> str:
    """'approve_listing' as 'approve listing'."""
    return name.replace("_", " ")


def _diagram(machine: Machine) -> Iterator[str]:
    yield f"## {machine.noun.capitalize()}\n"
    yield "```mermaid\nstateDiagram-v2"
    yield from (f"    [*] --> {state}" for state in machine.starts)
    for move in machine.moves:
        yield from (f"    {source} --> {move.target}: {spoken(move.action)}" for source in sorted(move.sources))
    ends = sorted(machine.states - {source for move in machine.moves for source in move.sources})
    yield from (f"    {state} --> [*]" for state in ends)
    yield "```\n"
    yield "| action | from | to | who |\n|---|---|---|---|"
    for move in machine.moves:
        who = ", ".join(role for role in Role if GRANTS[move.action].get(role))
        yield f"| {spoken(move.action)} | {', '.join(sorted(move.sources))} | {move.target} | {who} |"
    yield ""


def states_page() -> str:
    """docs/states.md: a diagram and a table for each machine."""
    intro = "# States\n\nPrinted from `broker/domain/states.py` by `flask --app broker draw docs`; a test holds it.\n"
    return "\n".join([intro, *(line for machine in MACHINES for line in _diagram(machine))])


def access_page() -> str:
    """docs/access.md: who may do what, how far."""
    rows = [
        f"| {spoken(action)} | " + " | ".join(REACH_WORDS[GRANTS[action].get(role, Reach.NONE)] for role in Role) + " |"
        for action in Action
    ]
    intro = (
        "# Who may do what\n\nPrinted from `GRANTS` in `broker/domain/grants.py` by"
        " `flask --app broker draw docs`; a test holds it.\n\n"
        "*own*: what the person's organisation owns (of a match, its own side); *own area*: what lies in the"
        " officer's authority; *system* is the worker, as time passes. Anyone may read the public list.\n"
    )
    head = "| action | " + " | ".join(Role) + " |\n|---|" + "---|" * len(Role)
    return "\n".join([intro, head, *rows, ""])


PAGES = {"states.md": states_page, "access.md": access_page}
