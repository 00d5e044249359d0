"""Suggestions, made again and judged: the matcher from the command line."""

from pathlib import Path
from typing import Any

import click

from broker.cli.terminal import bar
from broker.domain.clock import today
from broker.store.base import db

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
RANKERS = ["ours", "both", "bm25", "random", "encoder", "minilm", "tfidf"]


@click.command()
@click.option("--check", is_flag=True, help="Compare what is stored with it first, as every night.")
def suggest(check: bool) -> None:
    """Weigh all words anew and compute every suggestion from scratch, then stop."""
    from broker.actions.jobs import owe
    from broker.store.suggestions import last_check
    from broker.work import jobs

    owe("check_lists" if check else "suggest_all")
    db.session.commit()
    click.echo(f"{jobs.work_off(bar('Suggestions'))} jobs done.")
    found, _ = last_check() if check else (None, None)
    if found:
        click.echo(f"{found.compared} lists compared, {found.wrong} were not up to date.")


@click.command()
@click.argument("folders", nargs=-1, type=FOLDER)
@click.option("--all", "below", type=FOLDER, help="Judge every set at or below this folder.")
@click.option("--split", help="Judge only the needs of this split (tune or check).")
@click.option("--ranker", type=click.Choice(RANKERS), help="Ours (as without this), ours with the encoder, or another.")
@click.option("--direction", type=click.Choice(["need", "offer"]), default="need", help="Who asks.")
@click.option("--measure", type=click.Choice(["ndcg@10", "recall@10", "mrr", "map"]), default="ndcg@10")
@click.option("--bands", is_flag=True, help="A line for each length of what asks.")
@click.option("--parts", is_flag=True, help="Compare with the ranking without each of its parts.")
@click.option("--by-score", is_flag=True, help="How often a suggestion is right, by its score.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--write", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Refill a page's tables.")
def judge(folders: tuple[Path, ...], below: Path | None, as_json: bool, write: Path | None, **asked: Any) -> None:
    """Score the matcher on labelled sets of needs and offers: one, many, or all in a folder."""
    from broker.matching.judging import command as judging

    if not folders and below is None:
        raise click.UsageError("Say which folder to judge, or --all FOLDER for every set in it.")
    chosen = asked.pop("ranker")
    question = judging.Question(ranker="ours" if chosen in {None, "tfidf"} else chosen, **asked)
    alone = len(folders) == 1 and below is None and not (question.bands or question.parts or question.by_score)
    try:
        named = judging.sets(folders, below)
        if write:
            for line in judging.refill(write, named, today(), bar):
                click.echo(line)
            return
        if alone:
            click.echo(judging.one(folders[0], question, as_json))
        if not alone or not (as_json or chosen):
            click.echo(judging.many(named, question, as_json, bar))
    except judging.Unanswerable as problem:
        raise click.ClickException(str(problem)) from None
