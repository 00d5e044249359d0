"""The computer is taught: a word it did not know joins two listings, and a guess that is wrong is made no more."""

from tests.journeys.town import FIRM, GROUP, LAPTOPS, OLD_LAPTOPS, Town
from tests.journeys.visitor import Typed

LOOM: dict[str, Typed] = {
    **LAPTOPS,
    "title": "A loom bench for our Tuesday circle",
    "body": "Ours broke. The ladies miss it.",
}
FRAME: dict[str, Typed] = {
    **OLD_LAPTOPS,
    "title": "Surplus handweaving frame, ex-showroom",
    "body": "Boxed. Collection arranged.",
}


def test_an_officer_teaches_a_word_and_takes_it_back(town: Town) -> None:
    group, firm, officer = (
        town.approved("Harbour Street Helpers", GROUP),
        town.approved("Quayside", FIRM),
        town.officer(),
    )
    need, _ = town.open(group, "need", LOOM, officer), town.open(firm, "offer", FRAME, officer)
    town.work()
    joined = "Both have to do with looms: “loom bench” and “handweaving frame”."
    officer.go(f"/listings/{need}/broker").misses(joined)
    texts: dict[str, Typed] = {"need": "a loom bench", "offer": "handweaving frames"}
    officer.go("/synonyms").click("Try two texts").press("Try them", texts).sees(
        "The computer is reading your two texts"
    )
    town.work()
    officer.click("Check again").sees("the computer would not suggest these two")
    officer.go("/synonyms").click("Add words that mean the same").press(
        "Add", {"name": "looms", "say": "loom bench"}, status=422
    )
    officer.sees("Write one more way to say it").press("Add", {"say": "loom bench\nhandweaving frame"})
    officer.sees("Suggestions are being worked out again", "Where these words stand now")
    town.work()
    officer.go(f"/listings/{need}/broker").sees(joined, "Words that mean the same here", "All together")
    group.go(f"/listings/{need}/suggestions").sees(joined)
    officer.go("/synonyms/try").press("Try them again").go("/synonyms/try")
    town.work()
    officer.click("Check again").sees("Both have to do with looms", "What changed since you tried them before")
    colleague = town.officer(council="westerby")
    colleague.go("/synonyms?which=officers").click("Looms").press("Switch off").sees("Switched off.")
    town.work()
    officer.go(f"/listings/{need}/broker").misses(joined)


def test_a_wrong_guess_is_made_no_more(town: Town) -> None:
    group, officer = town.approved("Harbour Street Helpers", GROUP), town.officer()
    need = town.open(group, "need", LAPTOPS, officer)
    town.work()
    group.go(f"/listings/{need}").sees("What the computer guesses", "Digital inclusion", "because you wrote", "Guessed")
    town.visit().go(f"/listings/{need}").misses("What the computer guesses")
    group.press("Not this: Digital inclusion").sees("It is not guessed again")
    town.work()
    officer.go(f"/listings/{need}").sees("Guessed, and the owner or an officer said no")
    assert "That’s right: Digital inclusion" in officer.buttons()
    assert "Not this: Digital inclusion" not in officer.buttons()
