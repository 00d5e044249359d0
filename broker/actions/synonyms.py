"""Words that mean the same: brought in with the product, added to and switched off by officers of any authority."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from broker.actions.jobs import owe
from broker.actions.moving import begin, move, record
from broker.domain.clock import now
from broker.domain.kinds import SupportKind, SynonymState, Telling
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit, WrongState
from broker.domain.synonyms import name_problem, phrase_key, phrase_problems
from broker.store.base import db
from broker.store.synonyms import Synonym, SynonymPhrase, all_synonyms, synonym_named

# Read as a file: whoever asks for the matcher itself loads all of its mathematics.
STOP_WORDS = Path(__file__).parent.parent / "matching" / "stopwords.txt"


def add_synonym(
    by: Actor, *, name: str, say: Sequence[str], hint: Sequence[str], kinds: Sequence[str], themes: Sequence[str]
) -> Synonym:
    """A new entry, read by the matcher from now on. Unfit on `name`, `say` or `hint`, with the phrase after a colon."""
    require(by, Action.ADD_SYNONYM)
    _check(None, name, say, hint)
    entry = Synonym(
        name=name,
        kinds=_in_order(kinds),
        themes=sorted(themes),
        state=SynonymState.OPEN,
        changed_at=now(),
        changed_by_id=by.user_id,
    )
    _take_phrases(entry, say, hint, by)
    begin(entry, Action.ADD_SYNONYM, by)
    owe("suggest")
    return entry


def edit_synonym(
    entry: Synonym,
    by: Actor,
    *,
    name: str,
    say: Sequence[str],
    hint: Sequence[str],
    kinds: Sequence[str],
    themes: Sequence[str],
) -> frozenset[str]:
    """Give an entry these words; the fields that changed. Of one that shipped only the officers' phrases change.

    Unfit as for add_synonym.
    """
    require(by, Action.EDIT_SYNONYM, entry)
    name = entry.name if entry.is_shipped else name
    _check(entry, name, say, hint)
    changed = _take_phrases(entry, say, hint, by)
    if not entry.is_shipped:
        facts = {"name": name, "kinds": _in_order(kinds), "themes": sorted(themes)}
        for field, value in facts.items():
            if getattr(entry, field) != value:
                setattr(entry, field, value)
                changed.add(field)
    if changed:
        _mark(entry, by)
        record(entry, Action.EDIT_SYNONYM, by, *changed)
        owe("suggest")
    return frozenset(changed)


def remove_synonym(entry: Synonym, by: Actor) -> None:
    """Take away an entry that officers made. One that shipped would come back: it can be switched off instead."""
    require(by, Action.REMOVE_SYNONYM, entry)
    if entry.is_shipped:
        raise WrongState("synonym", entry.state, Action.REMOVE_SYNONYM)
    record(entry, Action.REMOVE_SYNONYM, by)
    db.session.delete(entry)
    db.session.flush()
    owe("suggest")


def switch_off_synonym(entry: Synonym, by: Actor) -> None:
    """The matcher reads it no more, until it is switched on again."""
    move(entry, Action.SWITCH_OFF_SYNONYM, by, **_who(by))
    owe("suggest")


def switch_on_synonym(entry: Synonym, by: Actor) -> None:
    """The matcher reads it again."""
    move(entry, Action.SWITCH_ON_SYNONYM, by, **_who(by))
    owe("suggest")


def load_shipped(path: Path) -> int:
    """Bring the entries of a file (words.toml) up to date in the tables; how many it holds.

    What officers added or switched off stays as it is. What the file no longer holds goes.
    """
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["entry"]
    known = {phrase_key(entry.name): entry for entry in all_synonyms()}
    for row in rows:
        _take_shipped(known.pop(phrase_key(row["name"]), None), row)
    for entry in known.values():
        if entry.is_shipped:
            _keep_officers_part(entry)
    db.session.flush()
    return len(rows)


def _check(entry: Synonym | None, name: str, say: Sequence[str], hint: Sequence[str]) -> None:
    """Raises Unfit where the words do not do."""
    given = [phrase.text for phrase in entry.phrases if phrase.is_shipped] if entry else []
    problems = phrase_problems(say, hint, _stop_words(), given)
    wrong = name_problem(name)
    namesake = synonym_named(name)
    if wrong is None and namesake is not None and namesake is not entry:
        wrong = "taken"
    if wrong:
        problems["name"] = wrong
    if problems:
        raise Unfit(problems)


@lru_cache(maxsize=1)
def _stop_words() -> frozenset[str]:
    lines = STOP_WORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _take_phrases(entry: Synonym, say: Sequence[str], hint: Sequence[str], by: Actor) -> set[str]:
    """Make these the officers' phrases of an entry; which of the two lists changed."""
    wanted = {phrase_key(text): (text, telling) for telling, texts in _by_telling(say, hint) for text in texts}
    changed: set[str] = set()
    for phrase in [each for each in entry.phrases if not each.is_shipped]:
        if wanted.get(phrase_key(phrase.text)) == (phrase.text, phrase.telling):
            del wanted[phrase_key(phrase.text)]
        else:
            entry.phrases.remove(phrase)
            changed.add(phrase.telling)
    if changed and entry.id:
        db.session.flush()  # the old ones go first: a phrase may stand only once, also while it is written anew
    for text, telling in wanted.values():
        entry.phrases.append(SynonymPhrase(text=text, telling=telling, added_at=now(), added_by_id=by.user_id))
        changed.add(telling)
    return changed


def _by_telling(say: Iterable[str], hint: Iterable[str]) -> tuple[tuple[Telling, Iterable[str]], ...]:
    return (Telling.SAY, say), (Telling.HINT, hint)


def _who(by: Actor) -> dict[str, object]:
    return {"changed_at": now(), "changed_by_id": by.user_id}


def _in_order(kinds: Iterable[str]) -> list[str]:
    """Skills before all others: what is a skill too counts as one."""
    return sorted(kinds, key=lambda kind: (kind != SupportKind.SKILLS, kind))


def _mark(entry: Synonym, by: Actor) -> None:
    for field, value in _who(by).items():
        setattr(entry, field, value)


def _take_shipped(entry: Synonym | None, row: Mapping[str, Any]) -> None:
    """One entry of the file. What officers had made under the same name becomes their part of it."""
    if entry is None:
        entry = Synonym(name=row["name"], state=SynonymState.OPEN, changed_at=now())
        db.session.add(entry)
    entry.is_shipped = True
    for field in ("kinds", "themes"):
        if getattr(entry, field) != row.get(field, []):
            setattr(entry, field, list(row.get(field, [])))
    wanted = {
        phrase_key(text): (text, telling)
        for telling, texts in reversed(_by_telling(row["say"], row.get("hint", [])))
        for text in texts
    }
    for phrase in list(entry.phrases):
        text, telling = wanted.pop(phrase_key(phrase.text), (None, None))
        if text is not None and telling is not None:
            phrase.text, phrase.telling, phrase.is_shipped = text, telling, True
        elif phrase.is_shipped:
            entry.phrases.remove(phrase)
    entry.phrases += [
        SynonymPhrase(text=text, telling=telling, is_shipped=True, added_at=now()) for text, telling in wanted.values()
    ]


def _keep_officers_part(entry: Synonym) -> None:
    """An entry that ships no more: gone, or what officers added to it."""
    entry.phrases = [phrase for phrase in entry.phrases if not phrase.is_shipped]
    if entry.phrases:
        entry.is_shipped = False
    else:
        db.session.delete(entry)
