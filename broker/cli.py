"""The commands: each calls one action, then commits."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_migrate.cli import db as migrations

from broker.actions import accounts, frameworks, places, synonyms
from broker.domain.clock import today
from broker.domain.drawing import PAGES
from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.domain.refusals import Unfit
from broker.store import imports as stored_imports
from broker.store.authorities import Authority, authority_by_code
from broker.store.base import db, reading
from broker.store.weights import WeightsVersion

SEED = Path(__file__).parent / "store" / "seed"
WORDS = Path(__file__).parent / "matching" / "words.toml"
REFUSED_WEIGHTS = {
    "none": "There is no proposal to adopt. Make one with: flask --app broker weights propose",
    "not_better": "The last proposal orders unseen decisions no better than luck could. It is not adopted.",
    "others": "The last proposal was made from other weights than those in use. Make a new one: weights propose",
    "first": "These are the first weights; there are none to go back to.",
}
COMMAND_LINE = Actor(Role.ADMINISTRATOR, name="command line")


def install(app: Flask) -> None:
    """Hang the commands on the app."""
    _extend_upgrade()
    for command in (serve, worker, suggest, judge, demo, draw):
        app.cli.add_command(command)
    for group in (user, listings, place, weights):
        app.cli.add_command(group)


def _extend_upgrade() -> None:
    """`db upgrade` also loads the policy, the words and the places that ship with the product."""
    upgrade = migrations.commands["upgrade"]
    migrate = upgrade.callback
    if migrate is None or hasattr(migrate, "loads_shipped"):
        return

    def upgrade_and_load(**options: object) -> None:
        migrate(**options)
        _load_shipped()

    upgrade_and_load.loads_shipped = True  # type: ignore[attr-defined]
    upgrade.callback = upgrade_and_load


@with_appcontext
def _load_shipped() -> None:
    frameworks.load_shipped()
    synonyms.load_shipped(WORDS)
    places.load_outcodes(SEED / "outcodes.csv")
    db.session.commit()


def _authority(code: str) -> Authority:
    found = authority_by_code(code)
    if found is None:
        raise click.ClickException(f"No authority has the code {code}. It is an ONS code, such as E08000009.")
    return found


def _bar(label: str) -> Callable[[int, int], None]:
    """A progress callback that draws a bar on a terminal and stays quiet elsewhere."""
    bar = click.progressbar(length=1, label=label, hidden=not sys.stdout.isatty())

    def show(done: int, total: int) -> None:
        bar.length = max(total, 1)
        bar.update(done - bar.pos)
        if done >= total:
            bar.render_finish()

    return show


@click.command()
@click.option("--port", default=5000, show_default=True, help="Where the pages are, on 127.0.0.1.")
@with_appcontext
def serve(port: int) -> None:
    """Run the pages and the worker until Ctrl-C."""
    from broker.actions.demonstration import demonstration_accounts
    from broker.work import supervise

    if not supervise.port_is_free(port):
        raise click.ClickException(f"Port {port} is in use. Try another: make run PORT={port + 1}")
    people = demonstration_accounts()
    db.session.remove()

    def announce() -> None:
        click.echo(f"\n{current_app.config['SERVICE_NAME']} is at http://127.0.0.1:{port}")
        for line in people:
            click.echo(line)
        click.echo("Press Ctrl-C to stop.\n")

    code = supervise.run(supervise.web_command(port), supervise.worker_command(), port=port, announce=announce)
    raise SystemExit(code)


@click.command()
def worker() -> None:
    """Do the background work until stopped (`serve` starts this for you)."""
    from broker.work import worker as process

    logging.basicConfig(level=logging.WARNING)
    process.run(current_app._get_current_object())  # type: ignore[attr-defined]


@click.command()
@click.option("--check", is_flag=True, help="Compare what is stored with it first, as every night.")
def suggest(check: bool) -> None:
    """Weigh all words anew and compute every suggestion from scratch, then stop."""
    from broker.actions.jobs import owe
    from broker.store.suggestions import last_check
    from broker.work import jobs

    owe("check_lists" if check else "suggest_all")
    db.session.commit()
    click.echo(f"{jobs.work_off(_bar('Suggestions'))} jobs done.")
    found, _ = last_check() if check else (None, None)
    if found:
        click.echo(f"{found.compared} lists compared, {found.wrong} were not up to date.")


FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
RANKERS = ["ours", "both", "bm25", "random", "encoder", "minilm", "tfidf"]


@click.command()
@click.argument("folders", nargs=-1, type=FOLDER)
@click.option("--all", "below", type=FOLDER, help="Judge every set at or below this folder.")
@click.option("--split", help="Judge only the needs of this split (tune or check).")
@click.option("--ranker", type=click.Choice(RANKERS), help="Ours (as without this), ours with the encoder, or another.")
@click.option("--direction", type=click.Choice(["need", "offer"]), default="need", help="Who asks.")
@click.option("--measure", type=click.Choice(["ndcg@10", "recall@10", "mrr", "map"]), default="ndcg@10")
@click.option("--bands", is_flag=True, help="A line for each length of what asks.")
@click.option("--parts", is_flag=True, help="Compare with the ranking without each of its parts.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--write", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Refill a page's tables.")
def judge(folders: tuple[Path, ...], below: Path | None, as_json: bool, write: Path | None, **asked: Any) -> None:
    """Score the matcher on labelled sets of needs and offers: one, many, or all in a folder."""
    from broker.matching.judging import command as judging

    if not folders and below is None:
        raise click.UsageError("Say which folder to judge, or --all FOLDER for every set in it.")
    chosen = asked.pop("ranker")
    question = judging.Question(ranker="ours" if chosen in {None, "tfidf"} else chosen, **asked)
    alone = len(folders) == 1 and below is None and not (question.bands or question.parts)
    try:
        named = judging.sets(folders, below)
        if write:
            for line in judging.refill(write, named, today(), _bar):
                click.echo(line)
            return
        if alone:
            click.echo(judging.one(folders[0], question, as_json))
        if not alone or not (as_json or chosen):
            click.echo(judging.many(named, question, as_json, _bar))
    except judging.Unanswerable as problem:
        raise click.ClickException(str(problem)) from None


@click.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when the database holds organisations already.")
def demo(if_empty: bool) -> None:
    """Load the demonstration city: invented people and organisations, and accounts to try."""
    from broker.actions import demonstration
    from broker.actions.jobs import owe
    from broker.work import jobs

    if not demonstration.is_empty():
        if not if_empty:
            raise click.ClickException("This database has organisations already; the demonstration wants an empty one.")
        return
    click.echo("Loading the demonstration city ...")
    demonstration.load_city()
    db.session.commit()
    jobs.work_off()
    demonstration.remember_reasons()
    owe("notice")
    db.session.commit()
    jobs.work_off()
    click.echo("The demonstration city is loaded.")


user = AppGroup("user", help="People who sign in.")


@user.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice([str(role) for role in Role if role != Role.SYSTEM]), required=True)
@click.option("--authority", "code", help="ONS code of the officer's authority, such as E08000009.")
@click.option("--name", default="", help="The person's name.")
def user_create(email: str, role: str, code: str | None, name: str) -> None:
    """Make an account and print a one-time link with which its owner sets a password."""
    if role == Role.OFFICER and code is None:
        raise click.ClickException("An officer works for an authority: add --authority CODE, such as E08000009.")
    authority = _authority(code) if code else None
    _, token = accounts.create_user(email, Role(role), authority, COMMAND_LINE, name=name)
    db.session.commit()
    click.echo(f"{email} can set a password, once and within 48 hours, at /set-password/{token}")


listings = AppGroup("listings", help="What is posted.")


@listings.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--authority", "code", required=True, help="ONS code of the authority, such as E08000009.")
@click.option("--all-or-nothing", is_flag=True, help="Bring in no row at all when one is refused.")
def listings_import(file: Path, code: str, all_or_nothing: bool) -> None:
    """Bring in a CSV file of listings."""
    from broker.actions import imports

    authority = _authority(code)
    by = Actor(Role.OFFICER, authority_id=authority.id, name="command line")
    report = imports.import_file(
        file, authority, by, progress=_bar(file.name), commit=db.session.commit, all_or_nothing=all_or_nothing
    )
    db.session.commit()
    click.echo(
        f"\n{report.rows} rows: {report.added} added, {report.known} known already, {len(report.refused)} refused."
    )
    for refusal in report.refused:
        click.echo(f"  line {refusal['line']}: {refusal['reason']}")
    if report.same:
        click.echo(f"{len(report.same)} listings say exactly the same as another one; they were kept and flagged.")


@listings.command("count")
def listings_count() -> None:
    """Print the number of listings."""
    click.echo(stored_imports.count())


place = AppGroup("places", help="Wards and postcodes, from files.")


@place.command("wards")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def place_wards(file: Path) -> None:
    """Load ward boundaries (GeoJSON with area_code, area_name, local_authority_area_code)."""
    click.echo(f"{places.load_wards(file)} wards loaded; {places.place_again()} listings found their ward.")
    db.session.commit()


@place.command("postcodes")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def place_postcodes(file: Path) -> None:
    """Load postcodes (CSV with postcode, lat, lon)."""
    click.echo(f"{places.load_postcodes(file)} postcodes loaded; {places.place_again()} listings found their ward.")
    db.session.commit()


@place.command("deprivation")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", help="Whose figures they are, as pages should name them.", show_default="the file's name")
def place_deprivation(file: Path, source: str | None) -> None:
    """Load how deprived wards are (CSV with ward_code and decile, or with a ward code and an IMD score)."""
    try:
        read, found = places.load_deprivation(file, source or file.name)
    except Unfit:
        raise click.ClickException(
            "This table was not understood. It needs a column ward_code, and one named decile with 1 to 10."
        ) from None
    click.echo(f"{read} wards read; {found} of them are wards that we know by this code.")
    db.session.commit()


weights = AppGroup("weights", help="How much each part of a suggestion counts, and what decisions teach about it.")


@weights.command("show")
def weights_show() -> None:
    """Print the weights in use, since when, and where they come from."""
    from broker.actions import learning

    _show_weights(learning.note_shipped(COMMAND_LINE))
    db.session.commit()


@weights.command("propose")
def weights_propose() -> None:
    """Learn from people's decisions, and show what it would change on decisions that were held out."""
    from broker.actions import learning, weighing

    learning.note_shipped(COMMAND_LINE)
    db.session.commit()
    with reading():
        outlook = learning.look(weighing.explained)
        db.session.rollback()
    version = learning.propose_weights(outlook, COMMAND_LINE)
    db.session.commit()
    if version is None:
        click.echo(f"Too early to learn from {outlook.decisions} decisions: {outlook.missing} more needs with both a")
        click.echo("yes and a no are wanted, so that some can be held out to check on. Nothing has changed.")
    else:
        _show_proposal(version)
    if outlook.left_out:
        click.echo(f"Left out: {outlook.left_out} decisions on pairs of which no reason is known any more.")


@weights.command("adopt")
def weights_adopt() -> None:
    """Use the last proposal, if it is better beyond luck. Every suggestion is then made anew."""
    from broker.actions import learning

    _show_weights(_or_say_why(learning.adopt_weights))


@weights.command("back")
def weights_back() -> None:
    """Use the weights again that were in use before. Every suggestion is then made anew."""
    from broker.actions import learning

    _show_weights(_or_say_why(learning.restore_weights))


def _or_say_why(change: Callable[[Actor], WeightsVersion]) -> WeightsVersion:
    try:
        version = change(COMMAND_LINE)
    except Unfit as refusal:
        raise click.ClickException(REFUSED_WEIGHTS[refusal.problems["weights"]]) from None
    db.session.commit()
    return version


def _show_proposal(version: WeightsVersion) -> None:
    """Before and after, in two small tables."""
    click.echo(f"{version.name}: from {version.decisions} decisions; {version.needs} needs were held out in turn.\n")
    click.echo(f"{'':<28}{'before':>8}{'after':>8}{'gain':>8}  95 of 100 lie between")
    for name, figure in (("chosen ranked above refused", "right"), ("nDCG@10", "ndcg")):
        before, after, gain = (version.figures[each][figure] for each in ("before", "after", "gain"))
        between = f"{gain['low']:+.3f} and {gain['high']:+.3f}"
        click.echo(f"{name:<28}{before:8.3f}{after:8.3f}{gain['difference']:+8.3f}  {between}")
    click.echo(f"\n{'weight':<28}{'in use':>8}{'new':>8}")
    present = version.before.numbers if version.before else {}
    for name, number in version.numbers.items():
        if f"{number:.4f}" != f"{present.get(name, 0.0):.4f}":
            click.echo(f"{name:<28}{present.get(name, 0.0):8.4f}{number:8.4f}")
    is_better = version.verdict == "better"
    click.echo("\nBetter, beyond luck. Adopt it: weights adopt" if is_better else f"\n{REFUSED_WEIGHTS['not_better']}")


def _show_weights(version: WeightsVersion) -> None:
    origin = f"learned from {version.decisions} decisions" if version.verdict else "as shipped"
    click.echo(f"In use: {version.name}, {origin}, since {version.in_use_since:%d %B %Y, %H:%M} UTC.")
    for name, number in version.numbers.items():
        click.echo(f"  {name:<12}{number:9.4f}")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def draw(folder: Path) -> None:
    """Print the state diagrams and the access matrix into a folder (docs)."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")
        click.echo(f"{folder / name}")
