"""What is wrong with a framework by itself, and with a folder of policy as a whole, in plain sentences.

Each check yields its problems one by one: a page can show them all, a loader stops at the first.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Lookup

from broker.policy.records import RULE_UNITS, Authority, Framework, Mapping, Measure, Node, Policy, Rule

CODE = re.compile(r"[A-Z0-9][A-Za-z0-9-]{0,29}")
ONS_CODE = re.compile(r"[A-Z]\d{8}")
POINTER_CODE = re.compile(r"[A-Z]{1,4}\d{1,3}[a-z]?")  # so that no licensed words or values slip in
LONGEST = {"label": 200, "summary": 2000}

Problems = Iterator[str]
Filed = tuple[str, str]  # the file, and its problem


def problems_of(framework: Framework, hub: Framework | None = None) -> Problems:
    """What is wrong with one framework; its mappings are held against the hub where one is given."""
    yield from _heading(framework)
    yield from _nodes(framework.nodes)
    yield from _family(framework.nodes)
    yield from _mappings(framework)
    yield from _rules(framework.rules, "This framework")
    if hub:
        yield from _homes(framework.mappings, hub)


def problems_between(policy: Policy, files: Lookup[str, str]) -> Iterator[Filed]:
    """What is wrong between frameworks; `files` gives the file of each reference."""
    yield from _versions(policy.frameworks, files)
    yield from _succession(policy.frameworks, files)
    yield from _shared_codes(policy, files)
    known = {each.code for each in policy.authorities}
    for each in policy.frameworks:
        if each.authority and each.authority not in known:
            yield files[each.reference], f"It belongs to the authority {each.authority}, which is not listed."


def problems_of_measures(measures: Sequence[Measure], hub: Framework) -> Problems:
    """What is wrong with a catalogue of measures."""
    yield from _repeats((each.code for each in measures), "measure")
    outcomes = {each.code for each in hub.nodes}
    for each in measures:
        yield from _coded(each.code, "measure")
        if not each.hubs:
            yield f"The measure {each.code} names no hub outcome. It must name at least one."
        for code in set(each.hubs) - outcomes:
            yield f"The measure {each.code} names the hub outcome {code}, which does not exist."
        for pointer in each.points_to:
            if not (CODE.fullmatch(pointer.scheme) and POINTER_CODE.fullmatch(pointer.code)):
                yield f'The measure {each.code} points to "{pointer.code}". Only bare codes may stand here.'


def problems_of_authorities(authorities: Sequence[Authority], frameworks: Sequence[Framework]) -> Problems:
    """What is wrong with a list of authorities."""
    yield from _repeats((each.code for each in authorities), "authority")
    current = {each.code for each in frameworks if each.status == "current"}
    for each in authorities:
        if not ONS_CODE.fullmatch(each.code):
            yield f'"{each.code}" is not an authority code. One letter and eight digits are wanted.'
        if not each.name.strip():
            yield f"The authority {each.code} has no name."
        if each.framework not in current:
            yield f"{each.name} uses the framework {each.framework}, which has no current version."
        yield from _rules(each.rules, each.name)


def _heading(framework: Framework) -> Problems:
    yield from _coded(framework.code, "framework")
    if not framework.name.strip():
        yield "The framework has no name."
    if framework.version < 1:
        yield f"The version is {framework.version}. The first version is 1."
    if framework.level == "local" and not framework.authority:
        yield 'A local framework must say which "authority" it belongs to.'
    if framework.level != "local" and framework.authority:
        yield f"A {framework.level} framework belongs to no single authority, but this one names one."
    if framework.authority and not ONS_CODE.fullmatch(framework.authority):
        yield f'"{framework.authority}" is not an authority code. One letter and eight digits are wanted.'
    if framework.valid_from and framework.valid_to and framework.valid_from > framework.valid_to:
        yield f"The dates are reversed: it starts on {framework.valid_from} but ends on {framework.valid_to}."
    if framework.supersedes == framework.reference:
        yield f"{framework.reference} says that it supersedes itself."


def _nodes(nodes: Sequence[Node]) -> Problems:
    if not nodes:
        yield 'The framework is empty. Give it at least one entry of "nodes".'
    yield from _repeats((each.code for each in nodes), "node")
    if len({each.kind == "hub" for each in nodes}) > 1:
        yield "Hub outcomes stand in the hub's own file and nowhere else."
    for each in nodes:
        yield from _coded(each.code, each.kind)
        if not each.label.strip():
            yield f"The {each.kind} {each.code} has no label."
        for word, longest in LONGEST.items():
            if len(getattr(each, word)) > longest:
                yield f"The {word} of {each.code} is longer than {longest} characters."


def _family(nodes: Sequence[Node]) -> Problems:
    """Parents and the nodes that are supported exist, and nobody is its own ancestor."""
    codes = {each.code for each in nodes}
    for each in nodes:
        if each.parent is not None and each.parent not in codes:
            yield f"The {each.kind} {each.code} has the parent {each.parent}, which is not in this framework."
        for code in each.supports:
            if code not in codes or code == each.code:
                yield f"The {each.kind} {each.code} supports {code}, which is no other node here."
    for ring in _rings({each.code: each.parent for each in nodes}):
        yield f"These have each other as parent, in a circle: {', '.join(ring)}."


def _mappings(framework: Framework) -> Problems:
    codes = {each.code for each in framework.nodes}
    yield from _repeats((f"{each.node} to {each.hub}" for each in framework.mappings), "mapping")
    for each in framework.mappings:
        if each.node not in codes:
            yield f"A mapping speaks of {each.node}, which is not in this framework."
        if not 0 <= each.confidence <= 1:
            yield f"The mapping of {each.node} to {each.hub} has confidence {each.confidence}, not 0 to 1."


def _homes(mappings: Iterable[Mapping], hub: Framework) -> Problems:
    outcomes = {each.code for each in hub.nodes}
    for each in mappings:
        if each.hub not in outcomes:
            yield f"{each.node} is mapped to the hub outcome {each.hub}, which does not exist."


def _rules(rules: Sequence[Rule], whose: str) -> Problems:
    yield from _repeats((each.name for each in rules), "rule", f" by {whose}")
    for each in rules:
        unit = RULE_UNITS[each.name]
        if each.unit != unit:
            yield f'{whose} gives "{each.name}" in {each.unit}. It is given in {unit}.'
        elif (unit == "words") != isinstance(each.value, str):
            yield f'{whose} gives "{each.value}" for "{each.name}". It is given in {unit}.'
        elif isinstance(each.value, str):
            if not each.value.strip():
                yield f'{whose} leaves "{each.name}" empty.'
        elif each.value < 0 or (unit == "percent" and each.value > 100):
            yield f'{whose} gives {each.value} {unit} for "{each.name}", which cannot be.'
        elif unit == "days" and (each.value < 1 or each.value != int(each.value)):
            yield f'{whose} gives {each.value} for "{each.name}". Whole days are wanted, at least one.'


def _versions(frameworks: Sequence[Framework], files: Lookup[str, str]) -> Iterator[Filed]:
    """One file for each version, and one current version of each framework."""
    current = Counter(each.code for each in frameworks if each.status == "current")
    for each in frameworks:
        if current[each.code] > 1 and each.status == "current":
            yield files[each.reference], f"{each.code} has two current versions. All but one are superseded."


def _succession(frameworks: Sequence[Framework], files: Lookup[str, str]) -> Iterator[Filed]:
    """A version supersedes a version that exists, is older and no longer current."""
    known = {each.reference: each for each in frameworks}
    for each in frameworks:
        older = known.get(each.supersedes or "")
        if each.supersedes and not older:
            yield files[each.reference], f'It supersedes "{each.supersedes}", but no file holds that version.'
        if older and older.status == "current":
            yield files[each.reference], f"It supersedes {older.reference}, which is still marked as current."
    for ring in _rings({each.reference: each.supersedes for each in frameworks}):
        yield files[ring[0]], f"These supersede each other, in a circle: {', '.join(ring)}."


def _shared_codes(policy: Policy, files: Lookup[str, str]) -> Iterator[Filed]:
    """A node code belongs to one framework, in all of its versions."""
    owners: dict[str, str] = {}
    for framework in (policy.hub, *policy.frameworks):
        for node in framework.nodes:
            owner = owners.setdefault(node.code, framework.code)
            if owner != framework.code:
                yield files[framework.reference], f"The node code {node.code} is already used by {owner}."


def _coded(code: str, noun: str) -> Problems:
    if not CODE.fullmatch(code):
        yield f'"{code}" is not a code for a {noun}. Use up to 30 letters, digits and hyphens.'


def _repeats(codes: Iterable[str], noun: str, whose: str = "") -> Problems:
    for code, times in Counter(codes).items():
        if times > 1:
            yield f"The {noun} {code} is given {times} times{whose}. Once is enough."


def _rings(links: Lookup[str, str | None]) -> Iterator[list[str]]:
    """The circles in links of which each code has at most one, each circle once."""
    settled: set[str] = set()
    for start in links:
        path: list[str] = []
        code: str | None = start
        while code is not None and code in links and code not in settled and code not in path:
            path.append(code)
            code = links[code]
        if code in path:
            yield path[path.index(code) :]
        settled.update(path)
