"""Files of listings that an officer brought in, with what became of each row."""

from datetime import datetime

from sqlalchemy import JSON, ColumnElement, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.store.authorities import Authority
from broker.store.base import Base


class Import(Base):
    """One uploaded file. `refused`: [{line, field, reason}]; `stored_as` is its random name in the uploads folder."""

    __tablename__ = "import"
    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    filename: Mapped[str] = mapped_column(String(300))
    stored_as: Mapped[str] = mapped_column(String(80))
    all_or_nothing: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    rows: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    same_text: Mapped[int] = mapped_column(default=0)
    refused: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)
    authority: Mapped[Authority] = relationship()

    @property
    def owners(self) -> frozenset[int]:
        return frozenset()

    @property
    def authorities(self) -> frozenset[int]:
        return frozenset({self.authority_id})

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return false()

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]:
        return cls.authority_id == authority_id
