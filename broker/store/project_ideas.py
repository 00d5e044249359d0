"""Projects that councillors suggest for a ward, and what an officer made of them."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from broker.domain.kinds import IdeaState
from broker.domain.states import PROJECT_IDEA
from broker.store.accounts import User
from broker.store.authorities import Authority
from broker.store.base import Base, db
from broker.store.places import Ward
from broker.store.reach import OfOneAuthority


class ProjectIdea(OfOneAuthority, Base):
    """What should be done in a ward, by whoever suggested it; the officer's `answer` is for them to read."""

    __tablename__ = "project_idea"
    machine = PROJECT_IDEA
    noun = "project_idea"
    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    ward_id: Mapped[int] = mapped_column(ForeignKey("ward.id"))
    state: Mapped[IdeaState] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(400))
    text: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, default="")
    suggested_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    suggested_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)
    authority: Mapped[Authority] = relationship()
    ward: Mapped[Ward] = relationship()
    suggested_by: Mapped[User | None] = relationship()
    __mapper_args__ = {"version_id_col": row_version}


def ideas_for(ward_id: int) -> list[ProjectIdea]:
    """What councillors suggested for a ward, the latest first."""
    query = select(ProjectIdea).where(ProjectIdea.ward_id == ward_id).options(joinedload(ProjectIdea.suggested_by))
    return list(db.session.scalars(query.order_by(ProjectIdea.id.desc())))
