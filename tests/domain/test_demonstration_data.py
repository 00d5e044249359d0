"""The invented city is whole: every reference resolves, every state is shown, and no amount is given twice."""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations, pairwise, product
from pathlib import Path

import pytest

from broker.demonstration import HERE, City, Listing, Match, load
from broker.domain.kinds import (
    DEMAND,
    OF_A_COUNCIL,
    OF_AN_ORGANISATION,
    SUPPLY,
    UNITS,
    Audience,
    BackgroundCheck,
    Frequency,
    Lane,
    ListingKind,
    MatchState,
    NoteKind,
    PartnershipState,
    PlaceKind,
    PostingState,
    RegistrationState,
    Role,
    Side,
    SupportKind,
)

LIVE = {MatchState.SHORTLISTED, MatchState.PROPOSED, MatchState.AGREED}
HELD = {PostingState.OPEN, PostingState.FILLED}


@pytest.fixture(scope="module")
def city() -> City:
    return load()


@pytest.fixture(scope="module")
def listings(city: City) -> dict[str, Listing]:
    return {listing.key: listing for listing in city.listings}


def state_in(listing: Listing, authority: str) -> str:
    return next(p.state for p in listing.postings if p.authority == authority)


# ---------------------------------------------------------------- how much there is


def test_there_is_a_city_full(city: City) -> None:
    assert 28 <= len(city.wards) <= 32
    assert 140 <= len(city.postcodes) <= 160
    assert 58 <= len(city.organisations) <= 64
    assert 245 <= len(city.listings) <= 320
    assert len(city.matches) >= 45
    assert len(city.partnerships) >= 40
    assert {w.authority for w in city.wards} == {"X99000001", "X99000002", "X99000003"}


def test_listings_are_spread_over_kinds_lanes_and_places(city: City) -> None:
    kinds = Counter(listing.kind for listing in city.listings)
    assert min(kinds.values()) >= 30
    assert {listing.support_kind for listing in city.listings} == set(SupportKind)
    assert {listing.place_kind for listing in city.listings} == set(PlaceKind)
    systemic = sum(listing.lane == Lane.SYSTEMIC for listing in city.listings)
    assert 0.15 <= systemic / len(city.listings) <= 0.25


def test_every_kind_is_seen_in_every_state(city: City) -> None:
    seen = {(listing.kind, posting.state) for listing in city.listings for posting in listing.postings}
    assert seen == set(product(ListingKind, PostingState))
    states = [posting.state for listing in city.listings for posting in listing.postings]
    needs = [listing for listing in city.listings if listing.kind == ListingKind.NEED]
    closed = {posting.reason for need in needs for posting in need.postings if posting.state == PostingState.FILLED}
    assert "not_needed" in closed, "the report of needs nobody met has something to say of each reason"
    assert 0.65 <= states.count(PostingState.OPEN) / len(states) <= 0.8


def test_every_state_of_matches_partnerships_and_registrations_is_seen(city: City) -> None:
    assert {m.state for m in city.matches} == set(MatchState)
    assert {p.state for p in city.partnerships} == set(PartnershipState)
    assert {r.state for o in city.organisations for r in o.registrations} == set(RegistrationState)
    overdue = [m for m in city.matches if m.state == MatchState.PROPOSED and (m.reply_in_days or 0) < 0]
    assert len(overdue) >= 3


def test_marks_worth_showing_are_used(city: City) -> None:
    assert sum(1 for x in city.listings if x.answers) >= 5
    assert sum(1 for x in city.listings if x.grown_from) >= 5
    assert sum(x.on_behalf for x in city.listings) >= 8
    assert sum(1 for x in city.listings if x.safeguarding) >= 15
    assert sum(len({p.state for p in x.postings}) > 1 for x in city.listings) >= 4
    for kinds in (DEMAND, SUPPLY):
        open_now = [x for x in city.listings if x.kind in kinds and "open" in {p.state for p in x.postings}]
        assert {x.background_check for x in open_now} == {None, *BackgroundCheck}
    assert {x.frequency for x in city.listings} - {None} == set(Frequency)


# ---------------------------------------------------------------- names and references


def test_keys_titles_and_addresses_are_unique(city: City) -> None:
    for values in (
        [o.key for o in city.organisations],
        [o.name for o in city.organisations],
        [o.email for o in city.organisations],
        [o.phone for o in city.organisations],
        [x.key for x in city.listings],
        [x.title for x in city.listings],
        [x.body for x in city.listings],
        [m.key for m in city.matches],
        [p.match for p in city.partnerships],
        [p.email for p in city.people],
        [w.code for w in city.wards],
        [p.postcode for p in city.postcodes],
    ):
        assert [v for v, n in Counter(values).items() if n > 1] == []


def test_nobody_real_can_be_reached(city: City) -> None:
    for o in city.organisations:
        assert o.phone.startswith("01632 960"), o.key
        assert o.email.endswith("@example.org"), o.key
        assert o.identifier_number is None or o.identifier_number.startswith("99"), o.key
    assert all(p.email.endswith(".example") for p in city.people)
    assert all(re.fullmatch(r"Q[MWH]\d{1,2} \d[ABD-HJLNP-UW-Z]{2}", p.postcode) for p in city.postcodes)


def test_an_informal_group_names_a_referee(city: City) -> None:
    informal = [o for o in city.organisations if not o.constituted]
    assert len(informal) >= 4
    assert all(o.referee_name and o.referee_contact for o in informal)
    assert all(o.is_group or o.is_supplier for o in city.organisations)


def test_a_returned_registration_or_listing_says_why(city: City) -> None:
    for o in city.organisations:
        assert all(r.reason for r in o.registrations if r.state in ("returned", "suspended")), o.key
    for x in city.listings:
        assert all(p.reason for p in x.postings if p.state == "returned"), x.key


def test_an_unapproved_organisation_has_nothing_public(city: City) -> None:
    approved = {(o.key, r.authority) for o in city.organisations for r in o.registrations if r.state == "approved"}
    for x in city.listings:
        for p in x.postings:
            assert p.state in ("draft", "submitted", "paused") or (x.organisation, p.authority) in approved, x.key


def test_people_hold_what_their_role_needs(city: City) -> None:
    claimed = {o.key for o in city.organisations if o.claimed}
    for p in city.people:
        assert p.role in set(Role), p.email
        assert bool(p.authority) == (p.role in OF_A_COUNCIL), p.email
        assert bool(p.organisation) == (p.role in OF_AN_ORGANISATION), p.email
        assert p.organisation is None or p.organisation in claimed, p.email
    assert len({p.authority for p in city.people if p.authority}) == 3


# ---------------------------------------------------------------- listings


def test_units_fit_the_kind_of_support(city: City) -> None:
    for x in city.listings:
        assert x.kind in set(ListingKind), x.key
        assert x.lane in set(Lane), x.key
        if x.amount is None:
            assert x.kind == ListingKind.ASPIRATION, x.key
            assert x.unit is None, x.key
        else:
            assert x.amount > 0, x.key
            assert x.unit in UNITS[SupportKind(x.support_kind)], x.key


def test_titles_are_short_and_bodies_say_something(city: City) -> None:
    for x in city.listings:
        assert 0 < len(x.title) < 100, x.key
        assert len(x.body) >= (40 if any(p.state == "open" for p in x.postings) else 4), x.key


def test_dates_run_forwards_and_only_lapsed_ones_are_past(city: City) -> None:
    for x in city.listings:
        if x.from_days is not None and x.until_days is not None:
            assert x.from_days <= x.until_days, x.key
        if x.until_days is not None and x.until_days < 0:
            assert {p.state for p in x.postings} == {"lapsed"}, x.key
        owner = next(o for o in city.organisations if o.key == x.organisation)
        assert x.days_ago <= owner.days_ago, x.key


def test_an_answer_is_to_demand_and_a_need_grows_from_an_aspiration_of_its_own(
    city: City, listings: dict[str, Listing]
) -> None:
    for x in city.listings:
        if x.answers:
            assert x.kind == "offer", x.key
            assert listings[x.answers].kind in DEMAND, x.key
            assert listings[x.answers].organisation != x.organisation, x.key
        if x.grown_from:
            assert (x.kind, listings[x.grown_from].kind) == ("need", "aspiration"), x.key
            assert listings[x.grown_from].organisation == x.organisation, x.key


def test_priorities_are_of_the_listings_own_authorities(city: City) -> None:
    codes = priority_codes()
    for x in city.listings:
        for authority in x.authorities:
            assert len(set(x.priorities) & codes[authority]) <= 3, x.key
        assert set(x.priorities) <= set().union(*(codes[a] for a in x.authorities)), x.key
    assert sum(1 for x in city.listings if x.priorities) > 200


def priority_codes() -> dict[str, set[str]]:
    codes: dict[str, set[str]] = {}
    for path in Path(HERE / "frameworks").glob("*.toml"):
        frame = tomllib.loads(path.read_text("utf-8"))
        if "nodes" in frame:
            kinds = ("priority", "outcome")
            codes[frame["authority"]] = {n["code"] for n in frame["nodes"] if n["kind"] in kinds}
    return codes


def test_no_two_listings_are_the_same_template(city: City) -> None:
    words = {x.key: set(re.findall(r"\w+", f"{x.title} {x.body}".lower())) for x in city.listings}
    alike = [
        (a, b, round(len(words[a] & words[b]) / len(words[a] | words[b]), 2))
        for a, b in combinations(words, 2)
        if len(words[a] & words[b]) > 0.5 * len(words[a] | words[b])
    ]
    assert alike == []


# ---------------------------------------------------------------- matches and partnerships


def test_a_match_pairs_demand_with_somebody_elses_supply(city: City, listings: dict[str, Listing]) -> None:
    for m in city.matches:
        demand, supply = listings[m.demand], listings[m.supply]
        assert demand.kind in DEMAND, m.key
        assert supply.kind in SUPPLY, m.key
        assert demand.organisation != supply.organisation, m.key
        assert m.opened_by in {"officer", *Side}, m.key
        assert m.days_ago <= min(demand.days_ago, supply.days_ago), m.key
    pairs = Counter((m.demand, m.supply, m.authority) for m in city.matches)
    assert max(pairs.values()) == 1


def test_a_live_match_is_between_open_listings(city: City, listings: dict[str, Listing]) -> None:
    for m in city.matches:
        states = {state_in(listings[key], m.authority) for key in (m.demand, m.supply)}
        if m.state in LIVE:
            assert states == {PostingState.OPEN}, m.key
        if m.state == MatchState.CONFIRMED:
            assert states <= HELD, m.key
        assert PostingState.DRAFT not in states, m.key


def test_acceptances_fit_the_state(city: City) -> None:
    for m in city.matches:
        both = m.demand_accepted and m.supply_accepted
        assert both == (m.state in (MatchState.AGREED, MatchState.CONFIRMED)), m.key
        if m.state == MatchState.SHORTLISTED:
            assert not m.demand_accepted, m.key
            assert not m.supply_accepted, m.key
        if m.state == MatchState.PROPOSED:
            assert m.reply_in_days is not None, m.key
        assert bool(m.phrase) == (m.state == MatchState.DECLINED), m.key
        assert bool(m.reason) == (m.state in (MatchState.DISMISSED, MatchState.WITHDRAWN)), m.key


def taken(matches: list[Match]) -> Iterator[tuple[str, int]]:
    for m in matches:
        yield m.demand, m.demand_amount or 0
        yield m.supply, m.supply_amount or 0


def test_the_parts_never_exceed_the_whole(city: City, listings: dict[str, Listing]) -> None:
    """Counted as if nothing came back from partnerships that ended early, so that the data is safe either way."""
    sums: dict[str, int] = defaultdict(int)
    for key, amount in taken([m for m in city.matches if m.state == MatchState.CONFIRMED]):
        sums[key] += amount
    ended = {p.match for p in city.partnerships if p.state == PartnershipState.ENDED_EARLY}
    for key, amount in sums.items():
        whole = listings[key].amount
        assert whole is None or amount <= whole, key
    for m in (m for m in city.matches if m.state == MatchState.CONFIRMED and m.key not in ended):
        for key in (m.demand, m.supply):
            if listings[key].amount is not None:
                filled = state_in(listings[key], m.authority) == PostingState.FILLED
                assert filled == (sums[key] == listings[key].amount), key


def test_a_proposal_asks_for_no_more_than_the_whole(city: City, listings: dict[str, Listing]) -> None:
    for m in city.matches:
        for key, amount in taken([m]):
            whole = listings[key].amount
            assert whole is None or amount <= whole, m.key
            if m.state in (*LIVE, MatchState.CONFIRMED) and whole is not None:
                assert amount > 0, m.key


def test_composite_matches_are_shown(city: City) -> None:
    confirmed = [m for m in city.matches if m.state == MatchState.CONFIRMED]
    assert sorted(m.demand_amount or 0 for m in confirmed if m.demand == "cop-laptops") == [4, 6]
    assert sorted(m.supply_amount or 0 for m in confirmed if m.supply == "o-coll-food") == [5, 7, 8]
    assert [m.demand_amount for m in confirmed if m.demand == "lib-pc"] == [5]


def test_every_confirmed_match_has_its_partnership_and_no_other(city: City) -> None:
    confirmed = {m.key for m in city.matches if m.state == MatchState.CONFIRMED}
    assert {p.match for p in city.partnerships} == confirmed


def test_partnership_dates_fit_the_state(city: City) -> None:
    opened = {m.key: m.days_ago for m in city.matches}
    for p in city.partnerships:
        assert p.starts_days <= p.ends_days, p.match
        assert p.starts_days >= -opened[p.match], p.match
        assert (p.starts_days > 0) == (p.state == PartnershipState.PLANNED), p.match
        over = p.state in (PartnershipState.CLOSED, PartnershipState.ENDED_EARLY)
        assert (p.ends_days < 0) == over, p.match
        if p.state == PartnershipState.REVIEW_DUE:
            assert p.review_days is not None, p.match
            assert p.review_days <= 0, p.match
        if p.lane == Lane.SYSTEMIC and not over:
            assert p.review_days is not None, p.match
        assert bool(p.reason) == (p.state == PartnershipState.ENDED_EARLY), p.match


def test_notes_use_the_known_words(city: City) -> None:
    notes = [(m.days_ago, n) for m in city.matches for n in m.notes]
    assert len(notes) >= 30
    for opened, note in notes:
        assert note.kind in set(NoteKind), note.text
        assert note.audience in set(Audience), note.text
        assert 0 <= note.days_ago <= opened, note.text


# ---------------------------------------------------------------- places


def inside(ring: tuple[tuple[float, float], ...], lon: float, lat: float) -> bool:
    """Ray casting: a point is inside when a ray to the east crosses the outline an odd number of times."""
    odd = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def test_each_postcode_lies_in_its_own_ward_and_in_no_other(city: City) -> None:
    for p in city.postcodes:
        holders = [w for w in city.wards if inside(w.ring, p.lon, p.lat)]
        assert [(w.code, w.authority) for w in holders] == [(p.ward, p.authority)], p.postcode


def test_neighbouring_wards_share_their_edges(city: City) -> None:
    edges = Counter(frozenset(e) for w in city.wards for e in pairwise(w.ring))
    assert set(edges.values()) == {1, 2}
    for w in city.wards:
        assert w.ring[0] == w.ring[-1], w.name
        own = [frozenset(e) for e in pairwise(w.ring)]
        assert sum(edges[e] == 2 for e in own) >= 4, w.name


def test_the_city_lies_in_the_sea_and_claims_no_real_place(city: City) -> None:
    points = [point for w in city.wards for point in w.ring]
    assert all(-5.2 < lon < -4.6 and 53.6 < lat < 53.9 for lon, lat in points)


# ---------------------------------------------------------------- the reader refuses plainly


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        ("story.toml", 'demand = "cop-laptops"', 'demand = "no-such"', "laptops-six refers to 'no-such'"),
        ("people.toml", 'organisation = "dunnock"', 'organisation = "gone"', "refers to 'gone'"),
        ("organisations.toml", 'postcode = "QM1 2BL"', 'postcode = "QM99 9ZZ"', "refers to 'QM99 9ZZ'"),
        ("listings/needs.toml", 'ward = "Foundry Side"', 'ward = "Atlantis"', "refers to 'Atlantis'"),
        ("listings/needs.toml", "roughly = true", "perhaps = true", "not known: perhaps"),
        ("story.toml", 'authority = "Northmere"', 'authority = "Westerby"', "is not posted"),
        ("people.toml", 'role = "administrator"', "", "lacks a field"),
    ],
)
def test_a_bad_reference_is_refused_in_a_sentence(tmp_path: Path, name: str, old: str, new: str, sentence: str) -> None:
    for path in [*HERE.glob("*.*"), *HERE.glob("listings/*.toml")]:
        copy = tmp_path / path.relative_to(HERE)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    text = (tmp_path / name).read_text("utf-8")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ValueError, match=re.escape(sentence)):
        load(tmp_path)
