"""What the worker notices: reports that equal the stored lists, the unseen with their reasons, groups that keep ids."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from broker.actions import noticing, suggesting
from broker.actions.jobs import owe
from broker.domain.clock import now
from broker.domain.kinds import Lane, MatchState, OrganisationSize, PartnershipState, PostingState, SupportKind
from broker.store.authorities import AuthorityRule
from broker.store.base import db
from broker.store.events import Event
from broker.store.fairness import ExposureReport, UnseenListing, exposure_of, unseen_among, unseen_counts, unseen_in
from broker.store.jobs import Job
from broker.store.listings import Listing
from broker.store.need_groups import GatheredNeed, NeedGroup, groups_in
from broker.store.organisations import Identifier
from broker.store.partnerships import Partnership
from broker.store.places import Ward, WardDeprivation
from broker.store.reached import reached_in
from broker.work import jobs
from tests import make
from tests.town import Town


def notice() -> None:
    noticing.keep(noticing.look())


def catch_up() -> None:
    """Work out every suggestion."""
    db.session.execute(update(Listing).values(suggest_at=now()))
    outlook = suggesting.look()
    if outlook is not None:
        suggesting.keep(outlook)


def waiting() -> list[str]:
    return list(db.session.scalars(select(Job.kind).where(Job.state == "waiting")))


@pytest.fixture
def market(town: Town) -> list[Listing]:
    """Three needs for laptops of three groups, two of them in a deprived ward; one offer of laptops, one of a hall."""
    ward = Ward(code="W1", name="Hill", authority=town.north, lat=53.0, lon=-2.0)
    db.session.add(ward)
    db.session.flush()
    db.session.add(WardDeprivation(ward_id=ward.id, tenth=1, source="Somebody's figures"))
    small = make.organisation(town.north, size=OrganisationSize.UNDER_10)
    db.session.add(Identifier(organisation=small, scheme="GB-CHC", number="1234567"))
    owners = town.group, make.organisation(town.north), small
    needs = [
        make.need(owner, town.north, title=title, body=body, ward_id=where)
        for owner, title, body, where in zip(
            owners,
            ("Six laptops for revision", "Laptops to look for work", "Ten laptops, used ones gladly"),
            ("A quiet room is there already", "Interviews are on video now", "Our members want to learn typing"),
            (ward.id, ward.id, None),
            strict=True,
        )
    ]
    laptops = make.offer(
        make.supplier(town.north), town.north, title="Refurbished laptops", body="Wiped, with chargers"
    )
    hall = make.offer(
        make.supplier(town.north), town.north, title="A sprung dance floor", body="Mirrors along one side",
        support_kind=SupportKind.SPACE,
    )  # fmt: skip
    catch_up()
    return [*needs, laptops, hall]


def test_a_report_counts_the_places_in_stored_lists(town: Town, market: list[Listing]) -> None:
    notice()
    report = exposure_of(town.north.id)
    assert report is not None
    supply, demand = report.sides["supply"], report.sides["demand"]
    assert (supply["listings"], supply["places"], supply["unseen"], supply["half"]) == (2, 3, 1, 1)
    assert (demand["listings"], demand["places"], demand["unseen"]) == (3, 3, 0)
    assert supply["organisations"][0]["name"] == str(market[3].organisation_id)
    assert supply["top"] == 1
    assert report.deprivation == "Somebody's figures"
    deprived = {each["name"]: each["listings"] for each in demand["bands"]["deprivation"]}
    assert deprived == {"most": 2, "": 1}
    assert {each["name"] for each in demand["bands"]["size"]} == {"under_10", ""}
    assert {each["name"]: each["listings"] for each in demand["bands"]["kind"]} == {"registered": 1, "constituted": 2}
    assert {each["name"] for each in demand["bands"]["novelty"]} == {"new"}
    assert exposure_of(town.west.id) is None


def test_an_authority_says_how_much_is_too_much(town: Town, market: list[Listing]) -> None:
    notice()
    assert exposure_of(town.north.id).most_percent == noticing.MOST_PERCENT  # type: ignore[union-attr]
    db.session.add(AuthorityRule(authority=town.north, name="most_seen_percent", value="40"))
    notice()
    db.session.expire_all()
    assert exposure_of(town.north.id).most_percent == 40  # type: ignore[union-attr]


def test_what_nobody_sees_is_kept_with_its_reason_until_somebody_does(town: Town, market: list[Listing]) -> None:
    hall = market[-1]
    notice()
    assert unseen_counts(town.north.id) == {"kind": 1}
    assert unseen_among([each.id for each in market]) == {hall.id: "kind"}
    (row,) = unseen_in(town.north.id, "kind", now().date(), 1, 20)
    assert (row.id, row.is_alone, row.level) == (hall.id, True, None)
    make.need(
        make.organisation(town.north), town.north, title="A dance floor with mirrors", body="For our sprung steps",
        support_kind=SupportKind.SPACE,
    )  # fmt: skip
    catch_up()
    notice()
    assert db.session.scalars(select(UnseenListing)).all() == []


def test_needs_that_ask_for_the_same_are_grouped_and_keep_their_id(town: Town, market: list[Listing]) -> None:
    notice()
    (group,) = groups_in(town.north.id)
    assert [member.listing_id for member in group.members] == [need.id for need in market[:3]]
    assert (group.organisations, group.wards, group.is_twins) == (3, 1, False)
    assert "laptops" in " ".join(group.shares)
    first, before = group.id, group.computed_at
    make.need(make.organisation(town.north), town.north, title="Five laptops", body="For the treasurer and the others")
    notice()
    db.session.expire_all()
    (group,) = groups_in(town.north.id)
    assert (group.id, group.organisations, len(group.members)) == (first, 4, 4)
    assert group.computed_at >= before
    for need in market[:3]:
        need.postings[0].approved_version_id = None
        db.session.delete(need.postings[0])
    notice()
    assert db.session.scalars(select(NeedGroup)).all() == []


def test_the_lasting_need_that_was_made_of_a_group_is_none_of_it(town: Town, market: list[Listing]) -> None:
    lasting = make.need(make.organisation(town.north), town.north, title="Laptops for three groups", body="All ask")
    db.session.add(GatheredNeed(listing_id=lasting.id, need_id=market[0].id))
    notice()
    (group,) = groups_in(town.north.id)
    assert [member.listing_id for member in group.members] == [need.id for need in market[:3]]


def test_the_same_text_twice_is_a_pair_of_twins(town: Town) -> None:
    for _ in range(2):
        make.need(town.group, town.north, title="A minibus on Sundays", body="For the away games of our club")
    notice()
    assert [(group.is_twins, group.organisations) for group in groups_in(town.north.id)] == [(True, 1), (False, 1)]


def test_it_is_owed_when_suggestions_changed_but_not_all_the_time(town: Town, market: list[Listing]) -> None:
    db.session.execute(update(Job).values(state="done", finished_at=now()))
    noticing.owe_notice()
    assert waiting() == ["notice"]
    db.session.execute(update(Job).values(state="done", finished_at=now() - timedelta(days=1)))
    notice()
    noticing.owe_notice()
    assert waiting() == []
    db.session.execute(update(ExposureReport).values(computed_at=now() - timedelta(hours=1)))
    noticing.owe_notice()
    assert waiting() == []  # nothing has changed since
    db.session.execute(update(Job).values(kind="suggest", finished_at=now()))
    noticing.owe_notice()
    assert waiting() == ["notice"]


def test_the_worker_does_it(town: Town, market: list[Listing]) -> None:
    db.session.execute(update(Listing).values(suggest_at=None))
    db.session.execute(update(Job).values(state="done"))
    job = owe("notice")
    db.session.commit()
    jobs.work_off()
    db.session.expire_all()
    assert (job.state, job.done, job.total) == ("done", 3, 3)
    assert exposure_of(town.north.id) is not None


def test_a_report_tells_who_got_a_match_and_how_long_it_took(town: Town, market: list[Listing]) -> None:
    """What is filled counts too; a pair that only an officer saw, or that another area made, does not."""
    first, second, third, laptops, _hall = market
    ready = now() - timedelta(days=10)
    for posting in (each.postings[0] for each in market):
        posting.submitted_at, posting.approved_at = ready, now()  # checked again since
    make.match(first, laptops, town.north, MatchState.CONFIRMED, proposed_at=ready + timedelta(days=4))
    make.match(first, market[4], town.north, MatchState.DECLINED, proposed_at=ready + timedelta(days=2))
    make.match(second, laptops, town.north, MatchState.SHORTLISTED, proposed_at=None)
    make.match(third, laptops, town.west, proposed_at=ready)
    first.postings[0].state = PostingState.FILLED
    make.need(make.organisation(town.north), town.north, state=PostingState.SUBMITTED)
    notice()
    report = exposure_of(town.north.id)
    assert report is not None
    demand, supply = (report.sides[side]["reached"] for side in ("demand", "supply"))
    told = {way: {each["name"]: (each["listings"], each["matched"]) for each in demand[way]} for way in demand}
    assert told == {
        "size": {"under_10": (1, 0), "": (2, 1)},
        "kind": {"registered": (1, 0), "constituted": (2, 1)},
        "novelty": {"new": (3, 1)},
        "deprivation": {"most": (2, 1), "": (1, 0)},
        "tenth": {"01": (2, 1), "": (1, 0)},
        "ward": {"Hill": (2, 1), "": (1, 0)},
    }
    assert [(each["matched"], each["partnerships"]) for each in supply["size"]] == [(2, 1)]
    rows = {row.matched_at: row for row in reached_in(town.north.id)}
    assert ready + timedelta(days=2) in rows, "the first match counts"
    assert {row.published_at for row in rows.values()} == {ready}


def test_newcomers_are_those_who_were_new_when_they_posted(town: Town, market: list[Listing]) -> None:
    first, second, third, *_ = market
    for need, days in ((first, 400), (second, 40), (third, 500)):
        need.organisation.created_at = now() - timedelta(days=days)
        need.organisation.constituted = need is not second
    third.postings[0].submitted_at = third.postings[0].approved_at = now() - timedelta(days=450)
    notice()
    reached = exposure_of(town.north.id).sides["demand"]["reached"]  # type: ignore[union-attr]
    assert {each["name"]: each["listings"] for each in reached["novelty"]} == {"new": 2, "known": 1}
    kinds = {each["name"]: each["listings"] for each in reached["kind"]}
    assert kinds == {"constituted": 1, "registered": 1, "informal": 1}
    first.organisation.is_group = False  # as it comes in a file, until somebody says what it is
    notice()
    db.session.expire_all()
    reached = exposure_of(town.north.id).sides["demand"]["reached"]  # type: ignore[union-attr]
    assert {each["name"] for each in reached["kind"]} == {"", "registered", "informal"}


def partnered(town: Town, need: Listing, offer: Listing, days: int) -> None:
    match = make.match(need, offer, town.north, MatchState.CONFIRMED)
    facts = {"state": PartnershipState.RUNNING, "lane": Lane.TRANSACTIONAL, "what": "Help", "starts_on": now().date()}
    made = {"created_at": now() - timedelta(days=days), "ends_on": now().date()}
    db.session.add(Partnership(match=match, authority_id=town.north.id, **facts, **made))


def test_a_report_tells_who_takes_part_in_the_partnerships_of_a_year(town: Town, market: list[Listing]) -> None:
    first, second, _third, laptops, hall = market
    for need, offer, days in ((first, laptops, 1), (first, hall, 364), (second, laptops, 20), (second, hall, 366)):
        partnered(town, need, offer, days)
    db.session.add(AuthorityRule(authority=town.north, name="most_matched_percent", value="35"))
    notice()
    sides = exposure_of(town.north.id).sides  # type: ignore[union-attr]
    taken = [(str(first.organisation_id), 2), (str(second.organisation_id), 1)]
    assert sides["demand"]["taken"] == {
        "total": 3, "organisations": [{"name": name, "partnerships": number} for name, number in taken]
    }  # fmt: skip
    assert [each["partnerships"] for each in sides["supply"]["taken"]["organisations"]] == [2, 1]
    assert sides["demand"]["most_matched"] == 35
    assert noticing.MOST_MATCHED_PERCENT == 20


def test_a_listing_is_published_when_it_first_opened(town: Town) -> None:
    need = make.need(make.organisation(town.north), town.north)
    days = [now() - timedelta(days=back) for back in (30, 3)]
    for at in days:
        db.session.add(
            Event(at=at, role="officer", action="approve_listing", subject="posting", subject_id=need.postings[0].id,
                  from_state="submitted", to_state="open")
        )  # fmt: skip
    db.session.flush()
    assert [row.published_at for row in reached_in(town.north.id)] == days[:1]
