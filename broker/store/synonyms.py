"""Words that mean the same: the entries that ship with the product, and what officers add to them."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, case, distinct, exists, func, or_, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, selectinload

from broker.domain.kinds import DEMAND, SUPPLY, SynonymState, Telling
from broker.domain.listings import plain_words
from broker.domain.states import SYNONYM
from broker.store.accounts import User
from broker.store.base import Base, db
from broker.store.listings import Listing, ListingVersion, Posting

OFFICERS, OFF = "officers", "off"  # what the list can be narrowed to


class Synonym(Base):
    """One thing that people call by many names. `kinds` of support and `themes` (codes of shared outcomes): what it
    usually means. It belongs to all authorities together.
    """

    __tablename__ = "synonym"
    # An id is never used twice, so that the events of one that is gone are never those of another.
    __table_args__ = {"sqlite_autoincrement": True}
    machine = SYNONYM
    noun = "synonym"
    owners: frozenset[int] = frozenset()
    authorities: frozenset[int] = frozenset()
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    kinds: Mapped[list[str]] = mapped_column(JSON, default=list)
    themes: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_shipped: Mapped[bool] = mapped_column(default=False)
    state: Mapped[SynonymState] = mapped_column(String(20), default=SynonymState.OPEN)
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    row_version: Mapped[int] = mapped_column(default=1)

    changed_by: Mapped[User | None] = relationship()
    phrases: Mapped[list["SynonymPhrase"]] = relationship(
        back_populates="synonym", order_by="SynonymPhrase.id", cascade="all, delete-orphan"
    )
    __mapper_args__ = {"version_id_col": row_version}

    def texts(self, telling: Telling, shipped: bool | None = None) -> list[str]:
        """Its phrases of one kind: all of them, or only those that shipped, or only those of officers."""
        return [
            phrase.text for phrase in self.phrases if phrase.telling == telling and shipped in (None, phrase.is_shipped)
        ]


class SynonymPhrase(Base):
    """One way to say it: `say` means it, `hint` only suggests it."""

    __tablename__ = "synonym_phrase"
    __table_args__ = (UniqueConstraint("synonym_id", "text"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    synonym_id: Mapped[int] = mapped_column(ForeignKey("synonym.id"))
    text: Mapped[str] = mapped_column(String(80))
    telling: Mapped[Telling] = mapped_column(String(20))
    is_shipped: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    synonym: Mapped[Synonym] = relationship(back_populates="phrases")


def open_entries() -> list[dict[str, object]]:
    """What the matcher reads: name, kinds, themes, say and hint of each entry that is not switched off, by name."""
    # Rows, not objects: there are thousands of phrases, and the worker asks for them with every job.
    is_open = Synonym.state == SynonymState.OPEN
    said: dict[tuple[int, str], list[str]] = defaultdict(list)
    phrases = select(SynonymPhrase.synonym_id, SynonymPhrase.telling, SynonymPhrase.text).join(Synonym).where(is_open)
    for synonym_id, telling, text in db.session.execute(phrases.order_by(SynonymPhrase.id)):
        said[synonym_id, telling].append(text)
    entries = select(Synonym.id, Synonym.name, Synonym.kinds, Synonym.themes).where(is_open).order_by(Synonym.name)
    return [
        {
            "name": name,
            "kinds": list(kinds),
            "themes": list(themes),
            "say": said[synonym_id, Telling.SAY],
            "hint": said[synonym_id, Telling.HINT],
        }
        for synonym_id, name, kinds, themes in db.session.execute(entries)
    ]


def synonyms_version() -> str:
    """A mark that is another one as soon as the matcher would read anything else."""
    return hashlib.sha256(json.dumps(open_entries()).encode()).hexdigest()[:16]


def all_synonyms() -> list[Synonym]:
    """Every entry with its phrases."""
    return list(db.session.scalars(select(Synonym).options(selectinload(Synonym.phrases)).order_by(Synonym.id)))


def synonym_named(name: str) -> Synonym | None:
    """The entry of this name, however it is capitalised."""
    return db.session.scalar(select(Synonym).where(func.lower(Synonym.name) == name.lower()))


def synonym_in_full(synonym_id: int) -> Synonym | None:
    """An entry with its phrases and who changed it last."""
    query = (
        select(Synonym)
        .where(Synonym.id == synonym_id)
        .options(joinedload(Synonym.phrases), joinedload(Synonym.changed_by))
    )
    return db.session.scalars(query).unique().one_or_none()


def find_synonyms(words: str, which: str, page: int, size: int) -> list[Synonym]:
    """One page (from 1) of entries and one more, by name: those with these words in their name or a phrase."""
    query = select(Synonym).options(selectinload(Synonym.phrases)).order_by(func.lower(Synonym.name))
    for word in words.lower().split()[:8]:
        said = exists().where(
            SynonymPhrase.synonym_id == Synonym.id,
            func.lower(SynonymPhrase.text).contains(word, autoescape=True),
        )
        query = query.where(or_(func.lower(Synonym.name).contains(word, autoescape=True), said))
    if which == OFFICERS:
        added = exists().where(SynonymPhrase.synonym_id == Synonym.id, SynonymPhrase.is_shipped.is_(False))
        query = query.where(added)
    elif which == OFF:
        query = query.where(Synonym.state == SynonymState.OFF)
    return list(db.session.scalars(query.offset((page - 1) * size).limit(size + 1)))


def uses_of(phrases: Sequence[str]) -> dict[str, tuple[int, int]]:
    """In how many listings that anyone may read now each phrase stands, word by word: of those asking, of those giving.

    The matcher finds more of them, because to it a word's endings do not matter.
    """
    if not phrases:
        return {}
    columns = []
    for phrase in phrases:
        stands = ListingVersion.searchable.contains(f" {' '.join(plain_words(phrase))}", autoescape=True)
        columns.append(func.count(distinct(case((stands, Listing.id)))))
    # By kind, so that each text is searched for each phrase once.
    query = select(Listing.kind, *columns).select_from(Posting).join(Posting.listing).join(Posting.approved)
    found = {
        kind: numbers for kind, *numbers in db.session.execute(query.where(Posting.shown()).group_by(Listing.kind))
    }
    asking, giving = ([found[kind] for kind in found if kind in kinds] for kinds in (DEMAND, SUPPLY))
    return {
        phrase: (sum(numbers[at] for numbers in asking), sum(numbers[at] for numbers in giving))
        for at, phrase in enumerate(phrases)
    }


def synonym_counts() -> tuple[int, int]:
    """How many entries there are, and how many of them are switched off."""
    off = func.count().filter(Synonym.state == SynonymState.OFF)
    number, switched_off = db.session.execute(select(func.count(), off).select_from(Synonym)).one()
    return number, switched_off
