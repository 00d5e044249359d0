"""A policy file that is right is read whole; one that is wrong is refused by name, in a sentence."""

from pathlib import Path

import pytest

from broker.policy import BadPolicy, parse, read

GOOD = """
code = "ABC25"
name = "An example"
authority = "X99000009"
level = "local"
version = 1
status = "current"
wording = "provisional"
valid_from = 2025-01-31
valid_to = 2026-01-31
source = "Made up"
certainty = "ours"

[[nodes]]
code = "ABC25-T1"
kind = "theme"
label = "Good work"

[[nodes]]
code = "ABC25-P1"
kind = "priority"
label = "First jobs"
parent = "ABC25-T1"
supports = ["ABC25-T1"]

[[mappings]]
node = "ABC25-P1"
hub = "H01"
relation = "close"
confidence = 0.6

[[rules]]
name = "reply_days"
value = 14
unit = "days"
source = "Made up"
certainty = "ours"
"""

# What is changed in the good file, what it becomes, and what the refusal must say.
REFUSED = {
    "unknown word": ('label = "Good work"', 'lable = "Good work"', '"lable", which is not known'),
    "unknown word at the top": ("version = 1", "version = 1\ncolour = 1", 'This file uses the word "colour"'),
    "missing word": ('label = "Good work"\n', "", 'Entry 1 of "nodes" (ABC25-T1) must say "label"'),
    "missing at the top": ('level = "local"\n', "", 'This file must say "level"'),
    "number for words": ('name = "An example"', "name = 7", 'must give words in quotation marks for "name"'),
    "words for number": ("version = 1", 'version = "1"', 'must give a whole number for "version", not "1"'),
    "true for number": ("version = 1", "version = true", 'a whole number for "version", not true'),
    "words for date": ("2025-01-31", '"soon"', 'must give a date such as 2025-02-24 for "valid_from"'),
    "time for date": ("2025-01-31", "2025-01-31T10:00:00", 'a date such as 2025-02-24 for "valid_from"'),
    "no list": ('["ABC25-T1"]', '"ABC25-T1"', 'must give a list for "supports"'),
    "no number in range": ("0.6", "nan", 'must give a number for "confidence"'),
    "status not in list": ('"current"', '"live"', '"live" for "status". It must be one of: current'),
    "kind not in list": ('"theme"', '"pillar"', '"pillar" for "kind". It must be one of: theme, priority'),
    "relation not in list": ('"close"', '"same"', '"same" for "relation". It must be one of: exact, close'),
    "rule not in list": ('"reply_days"', '"replydays"', '"replydays" for "name". It must be'),
    "same code twice": ('code = "ABC25-P1"', 'code = "ABC25-T1"', "The node ABC25-T1 is given 2 times"),
    "parent does not exist": ('parent = "ABC25-T1"', 'parent = "ABC25-T9"', "has the parent ABC25-T9"),
    "own parent": ('parent = "ABC25-T1"', 'parent = "ABC25-P1"', "as parent, in a circle: ABC25-P1"),
    "circle of parents": ('label = "Good work"', 'label = "A"\nparent = "ABC25-P1"', "in a circle: ABC25-T1"),
    "supports nothing known": ('["ABC25-T1"]', '["ABC25-T9"]', "supports ABC25-T9"),
    "dates reversed": ("2026-01-31", "2024-01-31", "The dates are reversed: it starts on 2025-01-31"),
    "version nought": ("version = 1", "version = 0", "The first version is 1"),
    "supersedes itself": ("version = 1", 'version = 1\nsupersedes = "ABC25 v1"', "supersedes itself"),
    "local without owner": ('authority = "X99000009"\n', "", 'must say which "authority"'),
    "regional with owner": ('"local"', '"regional"', "belongs to no single authority"),
    "odd authority code": ("X99000009", "Manchester", '"Manchester" is not an authority code'),
    "odd node code": ('code = "ABC25-P1"', 'code = "first jobs"', '"first jobs" is not a code'),
    "no label": ('"Good work"', '" "', "The theme ABC25-T1 has no label"),
    "endless label": ('"Good work"', f'"{"x" * 201}"', "The label of ABC25-T1 is longer than 200"),
    "hub outcome elsewhere": ('"theme"', '"hub"', "Hub outcomes stand in the hub's own file"),
    "mapping of nothing": ('node = "ABC25-P1"', 'node = "ABC25-P9"', "A mapping speaks of ABC25-P9"),
    "too sure": ("0.6", "1.6", "has confidence 1.6, not 0 to 1"),
    "rule in the wrong unit": ('"days"', '"percent"', "in percent. It is given in days"),
    "rule in words": ("value = 14", 'value = "a fortnight"', 'gives "a fortnight" for "reply_days"'),
    "rule below nought": ("value = 14", "value = -14", "gives -14 days"),
    "rule of half a day": ("value = 14", "value = 0.5", "Whole days are wanted"),
    "not TOML": ('name = "An example"', "name = An example", "not written as TOML wants it"),
    "endless number": ("version = 1", f"version = {'9' * 5000}", "not written as TOML wants it"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_refused_by_file_and_in_words(case: str) -> None:
    old, new, said = REFUSED[case]
    assert old in GOOD
    with pytest.raises(BadPolicy) as refusal:
        parse(GOOD.replace(old, new, 1), "abc25-1.toml")
    assert refusal.value.file == "abc25-1.toml"
    assert said in refusal.value.problem
    assert str(refusal.value).startswith("abc25-1.toml: ")


def test_no_nodes_at_all_is_refused() -> None:
    with pytest.raises(BadPolicy, match='must say "nodes"'):
        parse(GOOD.partition("[[nodes]]")[0], "abc25-1.toml")
    with pytest.raises(BadPolicy, match="The framework is empty"):
        parse(GOOD.partition("[[nodes]]")[0] + "nodes = []", "abc25-1.toml")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(BadPolicy, match="not a plain text file"):
        parse(b"PK\x03\x04\xff\xfe", "abc25-1.xlsx")


def test_a_file_from_another_editor_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "abc25-1.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read(path) == parse(GOOD, "abc25-1.toml")


def test_what_the_file_says_is_what_the_record_holds() -> None:
    framework = parse(GOOD, "abc25-1.toml")
    theme, priority = framework.nodes
    assert framework.reference == "ABC25 v1"
    assert framework.demonstration is False
    assert (theme.order, priority.order) == (1, 2)
    assert (theme.parent, priority.parent) == (None, "ABC25-T1")
    assert priority.supports == ("ABC25-T1",)
    assert framework.mappings[0].confidence == 0.6
    assert framework.rules[0].value == 14


def test_a_missing_file_is_the_systems_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.toml")
