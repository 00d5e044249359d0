"""The record's own rules: which values it may keep, and the chain that shows when somebody has tampered with it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

START = "0" * 64  # what the first link names as the one before it

# Of every other field the record says only that it changed. Nothing here is about a person: states, amounts, days and
# moments, settings, and the numbers by which rows are known.
KEPT_VALUES = frozenset(
    {
        # states, and what is like one
        "constituted", "declined_by", "frequency", "is_group", "is_named", "is_shipped", "is_supplier", "kind", "lane",
        "level", "mode", "nature", "place_kind", "role", "size", "status", "stays_public", "support_kind", "wording",
        # amounts
        "amount", "cap", "committed_amount", "demand_amount", "demand_unit", "per_pounds", "quantity", "reserved",
        "spent", "supply_amount", "supply_unit", "tier", "unit", "value", "verified", "worth",
        # days and moments
        "answer_by", "applied_at", "approved_at", "claimed_at", "confirmed_at", "created_at", "decided_at",
        "demand_accepted_at", "due_on", "ended_at", "ended_on", "ends_on", "expires_at", "expires_on", "followed_up_at",
        "from_date", "in_use_since", "proposed_at", "reached_at", "reply_by", "retired_at", "review_on", "reviewed_at",
        "started_on", "starts_on", "submitted_at", "supply_accepted_at", "taken_back_at", "until_date", "used_at",
        "verified_at",
        # how somebody said yes, and which wording they said it to
        "demand_accepted_how", "demand_version_id", "supply_accepted_how", "supply_version_id",
        # which row belongs to which
        "authority_id", "commitment_id", "confirmed_by_id", "contract_id", "decided_by_id", "delivery_id", "demand_id",
        "edition_id", "framework_id", "grown_from_id", "listing_id", "manager_id", "match_id", "measure_id",
        "organisation_id", "owner_id", "partnership_id", "supersedes_id", "supply_id", "user_id",
    }
)  # fmt: skip

# What the record keeps of a look into itself.
LOOKED_FOR = frozenset({"about", "about_id", "action", "person_id", "since", "until"})

Plain = str | int | bool | None


def plain(value: object) -> Plain:
    """A value as the record keeps it: the same text on every database."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value if isinstance(value, int | None) else str(value)


def changes(
    old: Mapping[str, object], new: Mapping[str, object], kept: frozenset[str] = KEPT_VALUES
) -> dict[str, list[Plain]]:
    """Field to [old value, new value], for the fields whose values the record keeps and that differ."""
    found = {name: [plain(old.get(name)), plain(new.get(name))] for name in sorted({*old, *new} & kept)}
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}


def digest(facts: Mapping[str, object], previous: str) -> str:
    """The hash of one link: SHA-256 over what it says, in one fixed spelling, and the hash of the link before it."""
    text = json.dumps(dict(facts), sort_keys=True, separators=(",", ":")) + previous
    return hashlib.sha256(text.encode()).hexdigest()
