"""Listings that say the same: posted twice by one click, or by two people."""

from datetime import datetime

from sqlalchemy import Row, exists, func, select

from broker.store.base import db
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.organisations import Organisation


def recent_twins(organisation_id: int, kind: str, text_hash: str, since: datetime) -> list[Listing]:
    """The organisation's listings of this kind and text posted since then, newest first."""
    query = (
        select(Listing)
        .where(
            Listing.organisation_id == organisation_id,
            Listing.text_hash == text_hash,
            Listing.kind == kind,
            Listing.created_at >= since,
        )
        .order_by(Listing.id.desc())
    )
    return list(db.session.scalars(query))


def equal_texts(listing: Listing, authority_id: int | None) -> list[Row[tuple[int, str, str]]]:
    """Listings of the same text in an area, as id, title and organisation: posted twice, perhaps."""
    query = (
        select(Listing.id, ListingVersion.title, Organisation.name)
        .join(Listing.organisation)
        .join(Listing.latest)
        .where(Listing.text_hash == listing.text_hash, Listing.id != listing.id)
        .where(exists().where(Posting.listing_id == Listing.id, Posting.authority_id == authority_id))
        .order_by(Listing.id)
        .limit(10)
    )
    return list(db.session.execute(query))


def known_texts(authority_id: int) -> dict[str, int]:
    """The oldest listing of each text in an authority, by the text's hash."""
    query = (
        select(Listing.text_hash, func.min(Listing.id))
        .join(Posting, Posting.listing_id == Listing.id)
        .where(Posting.authority_id == authority_id, Listing.text_hash.is_not(None))
        .group_by(Listing.text_hash)
    )
    return {str(text_hash): listing_id for text_hash, listing_id in db.session.execute(query)}
