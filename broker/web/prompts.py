"""What the posting form asks, in words that fit each kind of listing and each kind of support."""

from dataclasses import dataclass

from broker.domain.kinds import ListingKind, SupportKind


@dataclass(frozen=True, kw_only=True)
class Prompts:
    """The questions of the form for one kind of listing. `amount` blank: this kind has no quantity."""

    what_for: str
    heading: str
    title: str
    title_hint: str
    body: str
    body_hint: str
    support: str
    amount: str
    until: str
    until_hint: str
    place: str
    reach: str
    lane_once: str
    lane_lasting: str
    check: str
    check_none: str
    check_hint: str


LEAVE_OUT = "Everyone can read this, so leave out people's names, addresses and phone numbers."
CHECK_IS = "A DBS check looks for crimes that someone was punished for."
CHECK_ASKED = {
    "check": "Do helpers need a background check (DBS)?",
    "check_none": "No, none needed",
    "check_hint": f"{CHECK_IS} Helpers who are often with children, or with adults at risk, may need one. "
    "Everyone can read your answer. If you do not know, leave it: an officer can help.",
}
CHECK_HELD = {
    "check": "What background check (DBS) do your people have?",
    "check_none": "None",
    "check_hint": f"{CHECK_IS} Some groups ask for one. Everyone can read your answer. If you do not know, leave it: "
    "people can still get a check later.",
}
PROMPTS = {
    ListingKind.NEED: Prompts(
        what_for="Something you are looking for now: people, skills, money, things, a room.",
        heading="Post a need",
        title="What do you need, in a few words?",
        title_hint="For example: Ten laptops for our homework club",
        body="Tell us more",
        body_hint=f"What is it for, who will it help, and what would make it work well? {LEAVE_OUT}",
        support="What kind of support is it?",
        amount="How much do you need?",
        until="When do you need it by?",
        until_hint="For example, 27 3 2027. Leave it blank if there is no deadline.",
        place="Where is it needed?",
        reach="How far could you travel for it, in miles?",
        lane_once="One-off: once it is done, it is done",
        lane_lasting="Lasting: we hope to work together over months or years, and look back on it together",
        **CHECK_ASKED,
    ),
    ListingKind.ASSET: Prompts(
        what_for="Something you already have and can share: a hall, a minibus, a skill in the group.",
        heading="Share an asset",
        title="What can you share, in a few words?",
        title_hint="For example: A hall with a kitchen on weekday mornings",
        body="Tell us more",
        body_hint=f"What is it like, what is it good for, and what should people know before they use it? {LEAVE_OUT}",
        support="What kind of support is it?",
        amount="How much of it is there to share?",
        until="Until when is it there?",
        until_hint="Leave it blank if there is no end.",
        place="Where is it?",
        reach="How far could you take it, in miles?",
        lane_once="One-off: people use it and give it back",
        lane_lasting="Lasting: we would like to share it over months or years",
        **CHECK_HELD,
    ),
    ListingKind.ASPIRATION: Prompts(
        what_for="A hope for your place or your people. You can turn it into needs later, step by step.",
        heading="Post an aspiration",
        title="What do you hope for, in a few words?",
        title_hint="For example: Every child on our estate can swim",
        body="Tell us more",
        body_hint=f"What would be different, and for whom? You do not need to know yet how to get there. {LEAVE_OUT}",
        support="What kind of support would help most?",
        amount="",
        until="Is there a day by which you would like to be there?",
        until_hint="Leave it blank if there is none.",
        place="Where is it about?",
        reach="How far around, in miles?",
        lane_once="One-off: one good push would do it",
        lane_lasting="Lasting: it will take months or years, working together",
        **CHECK_ASKED,
    ),
    ListingKind.OFFER: Prompts(
        what_for="Help that you or your business will give: time, skills, goods, space, money, jobs and training.",
        heading="Make an offer",
        title="What can you give, in a few words?",
        title_hint="For example: 20 hours of help with budgets and bookkeeping",
        body="Tell us more",
        body_hint=f"What would you do or give, for whom is it right, and what do you need from the group? {LEAVE_OUT}",
        support="What kind of support is it?",
        amount="How much can you give?",
        until="Until when can you give it?",
        until_hint="Leave it blank if there is no end.",
        place="Where are you, or where can it be given?",
        reach="How far can you travel or deliver, in miles?",
        lane_once="One-off: you give it, and it is done",
        lane_lasting="Lasting: you would like to work with a group over months or years, and look back on it together",
        **CHECK_HELD,
    ),
}
SUPPORT_HINTS = {
    SupportKind.SKILLS: "Know-how: for example, 6 hours of help with a budget, or a day of plumbing",
    SupportKind.VOLUNTEERING: "Pairs of hands: for example, 12 people for one day in the garden",
    SupportKind.FUNDING: "Money: for example, £400 for a new cooker",
    SupportKind.GOODS: "Things: for example, 10 laptops, or 30 coats",
    SupportKind.SPACE: "Somewhere to be: for example, a room for 4 hours, or a hall for 2 days",
    SupportKind.JOBS: "Work and learning: for example, 2 places for apprentices, or 3 weeks of work experience",
}
UNIT_HINT = (
    "Skills and volunteering in hours, days or people; funding in pounds; goods in items; space in hours or days;"
    " jobs and training in places or weeks."
)
