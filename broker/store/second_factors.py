"""The second thing that somebody shows when signing in: a code from their telephone, or one kept in a drawer."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from broker.store.base import Base, db


class SecondFactor(Base):
    """A person's app that shows codes. It counts once `set_up_at` is known: a code of it was typed.

    Both secrets are encrypted. `waiting_secret` is that of an app being set up; the old one counts until then.
    `last_step` is the time step of the last code that was taken, so that no code is taken twice.
    """

    __tablename__ = "second_factor"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    secret: Mapped[str | None] = mapped_column(Text)
    waiting_secret: Mapped[str | None] = mapped_column(Text)
    last_step: Mapped[int] = mapped_column(default=0)
    set_up_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code for the day when the telephone is lost; it works once, and only its hash stands here."""

    __tablename__ = "recovery_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None]


def second_factor_of(user_id: int) -> SecondFactor | None:
    """What this person signs in with beside the password, once it has been set up."""
    found = db.session.get(SecondFactor, user_id)
    return found if found is not None and found.set_up_at is not None else None


def codes_left(user_id: int) -> int:
    """How many recovery codes have not been used."""
    query = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(query) or 0


def take_step(user_id: int, step: int) -> bool:
    """Use up the code of a time step; False if it, or a later one, was used before."""
    later = update(SecondFactor).where(SecondFactor.user_id == user_id, SecondFactor.last_step < step)
    return db.session.execute(later.values(last_step=step).returning(SecondFactor.user_id)).first() is not None


def take_recovery_code(user_id: int, code_hash: str, at: datetime) -> bool:
    """Use up a recovery code; False if there is none such."""
    unused = update(RecoveryCode).where(
        RecoveryCode.user_id == user_id, RecoveryCode.code_hash == code_hash, RecoveryCode.used_at.is_(None)
    )
    return db.session.execute(unused.values(used_at=at).returning(RecoveryCode.id)).first() is not None
