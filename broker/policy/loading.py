"""A folder of policy files, loaded and checked as a whole."""

from collections.abc import Iterator
from pathlib import Path

from broker.policy.checking import (
    problems_between,
    problems_of,
    problems_of_authorities,
    problems_of_measures,
)
from broker.policy.reading import BadPolicy, Spot, build, contents, listed
from broker.policy.records import Authority, Framework, Measure, Policy

SHIPPED = Path(__file__).parent / "frameworks"
HUB, CATALOGUE, AUTHORITIES = "hub.toml", "catalogue.toml", "authorities.toml"


def parse(content: bytes | str, file: str) -> Framework:
    """The framework in the content of a file, such as an upload. Raises BadPolicy."""
    framework = build(Framework, contents(content, file), Spot(file))
    _stop_at_first(file, problems_of(framework))
    return framework


def read(path: Path) -> Framework:
    """The framework in a file. Raises BadPolicy, or OSError where there is no such file."""
    return parse(path.read_bytes(), path.name)


def load_all(folder: Path | None = None) -> Policy:
    """All of a folder, the shipped one by default. Raises BadPolicy.

    A folder without its own hub or catalogue of measures is held against the shipped ones.
    """
    folder = folder or SHIPPED
    hub_file, catalogue = _own_or_shipped(folder, HUB), _own_or_shipped(folder, CATALOGUE)
    hub = read(hub_file)
    if any(each.kind != "hub" for each in hub.nodes):
        raise BadPolicy(HUB, 'The hub holds nodes of the kind "hub" and nothing else.')
    frameworks = _frameworks(folder)
    policy = Policy(
        authorities=_authorities(folder),
        frameworks=tuple(frameworks.values()),
        measures=listed(catalogue, "measures", Measure),
        hub=hub,
    )
    _check(policy, {each.reference: file for file, each in frameworks.items()} | {hub.reference: HUB})
    return policy


def _own_or_shipped(folder: Path, name: str) -> Path:
    own = folder / name
    return own if own.exists() else SHIPPED / name


def _authorities(folder: Path) -> tuple[Authority, ...]:
    path = folder / AUTHORITIES
    if not path.exists():
        raise BadPolicy(AUTHORITIES, f'The folder "{folder.name}" has no such file, which lists authorities.')
    return listed(path, "authorities", Authority)


def _frameworks(folder: Path) -> dict[str, Framework]:
    """By file name. Two files for one version are refused here, where both names are known."""
    found: dict[str, Framework] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name in (HUB, CATALOGUE, AUTHORITIES):
            continue
        framework = read(path)
        for other, known in found.items():
            if known.reference == framework.reference:
                raise BadPolicy(path.name, f"{framework.reference} is already in the file {other}.")
        found[path.name] = framework
    return found


def _check(policy: Policy, files: dict[str, str]) -> None:
    for each in policy.frameworks:
        _stop_at_first(files[each.reference], problems_of(each, policy.hub))
    for file, problem in problems_between(policy, files):
        raise BadPolicy(file, problem)
    _stop_at_first(CATALOGUE, problems_of_measures(policy.measures, policy.hub))
    _stop_at_first(AUTHORITIES, problems_of_authorities(policy.authorities, policy.frameworks))


def _stop_at_first(file: str, problems: Iterator[str]) -> None:
    for problem in problems:
        raise BadPolicy(file, problem)
