"""What was read and counted: the words of each text, and the weighing that the stored suggestions were made under.

Both are caches of what the listings say, kept so that a worker that starts anew neither reads every text again nor
ranks the whole market.
"""

import json
import zlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from uuid import uuid4

from sqlalchemy import LargeBinary, String, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from broker.store.base import Base, db, in_parts

# Marks in the version of an engine: it has the sentence encoder, it has no table of word meanings.
ENCODED, NO_TABLE = "+e", "-t"


class TextWords(Base):
    """The words that count in one text, in their order, as one version of the reader saw them. Not tied to a listing:
    the same text twice is read once.
    """

    __tablename__ = "text_words"
    text_hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    reader: Mapped[str] = mapped_column(String(40))
    stems: Mapped[bytes] = mapped_column(LargeBinary)


class Weighing(Base):
    """What every stored suggestion was weighed by: the number of listings, and in how many each word was found.

    `engine` is the version of everything else that makes a score. `changed`: how many listings have changed since.
    `stamp` is another one after each time that suggestions were written, so that a worker knows whether what it holds
    in memory is still what is stored.
    """

    __tablename__ = "weighing"
    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    engine: Mapped[str] = mapped_column(String(40))
    listings: Mapped[int]
    found: Mapped[bytes] = mapped_column(LargeBinary)
    changed: Mapped[int] = mapped_column(default=0)
    stamp: Mapped[str] = mapped_column(String(32))

    @property
    def words(self) -> dict[str, int]:
        """In how many listings each word was found."""
        counts: dict[str, int] = json.loads(zlib.decompress(self.found))
        return counts


def text_hash(text: str) -> bytes:
    """The key of a text, whoever posted it."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def parts_off() -> list[str]:
    """The parts of a score that bring nothing as this service is set up, by what the last weighing was made with."""
    engine = db.session.scalar(select(Weighing.engine).order_by(Weighing.id.desc()).limit(1)) or ""
    marks = engine.partition("/")[2]  # behind the name of the weights
    return [*(["related", "meaning"] if NO_TABLE in marks else []), *([] if ENCODED in marks else ["encoder"])]


def stored_words(hashes: Iterable[bytes], reader: str) -> dict[bytes, list[str]]:
    """The stems of those of these texts that this reader has read before, in their order."""
    found: dict[bytes, list[str]] = {}
    for some in in_parts(hashes):
        query = select(TextWords.text_hash, TextWords.stems)
        for key, stems in db.session.execute(query.where(TextWords.text_hash.in_(some), TextWords.reader == reader)):
            found[key] = zlib.decompress(stems).decode().split()
    return found


def keep_words(read: Mapping[bytes, Collection[str]], reader: str) -> None:
    """Remember what was read of some texts, in place of what another version of the reader saw."""
    for some in in_parts(read):
        db.session.execute(delete(TextWords).where(TextWords.text_hash.in_(some)))
        packed = {key: zlib.compress(" ".join(read[key]).encode()) for key in some}
        rows = [{"text_hash": key, "reader": reader, "stems": stems} for key, stems in packed.items()]
        db.session.execute(insert(TextWords), rows)


def forget_words(kept: Collection[bytes]) -> None:
    """Drop the words of every other text."""
    unused = set(db.session.scalars(select(TextWords.text_hash))) - set(kept)
    for some in in_parts(unused):
        db.session.execute(delete(TextWords).where(TextWords.text_hash.in_(some)))


def last_weighing() -> Weighing | None:
    """The weighing that the stored suggestions were made under; None while there are none."""
    return db.session.scalar(select(Weighing).order_by(Weighing.id.desc()).limit(1))


def keep_weighing(engine: str, listings: int, words: Mapping[str, int], at: datetime) -> str:
    """A new weighing in place of the last one; its stamp."""
    db.session.execute(delete(Weighing))
    packed = zlib.compress(json.dumps(dict(words), ensure_ascii=False).encode())
    made = Weighing(made_at=at, engine=engine, listings=listings, found=packed, stamp=uuid4().hex)
    db.session.add(made)
    db.session.flush()
    return made.stamp


def stamp_weighing(stamp: str, changed: int = 0) -> str | None:
    """So many more listings have changed: a new stamp in place of this one, or None where it is not there any more."""
    fresh = uuid4().hex
    stamped = (
        update(Weighing)
        .where(Weighing.stamp == stamp)
        .values(stamp=fresh, changed=Weighing.changed + changed)
        .returning(Weighing.id)
        .execution_options(synchronize_session=False)
    )
    return fresh if db.session.execute(stamped).first() else None
