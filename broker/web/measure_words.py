"""Words for measures: what counts only once, how a list is counted, and why a list cannot be taken."""

from broker.store.measures import Measure

# By group: of its measures one delivered unit carries only one.
ONLY_ONCE = {
    "people": "Each person counts under one of these measures only.",
    "train": "Each week of training or placement counts under one of these measures only.",
    "spend": "Each pound spent counts under one of these measures only.",
    "community": "Each hour, pound or thing given to a community counts under one of these measures only.",
}
# The same for a narrow column.
ONE_OF = {
    "people": "one for each person",
    "train": "one for each week of training",
    "spend": "one for each pound spent",
    "community": "one for each hour, pound or thing given",
}
UNIT_KIND = {
    "hours": "hours",
    "weeks": "weeks",
    "pounds": "pounds",
    "count": "whole numbers: people, things, times",
    "fte": "full-time jobs, 0.5 for half a job",
    "tonnes": "tonnes",
    "tco2e": "tonnes of CO2 saved",
    "area": "square metres",
    "score": "a score",
}
LIST_PROBLEMS = {
    "missing": "Fill this in",
    "too_long": "This is too long. Say it in fewer words",
    "used": "This edition is here already, and something is promised or counted by it, so it stays as it is. "
    "Give the changed list a new edition, such as 2026-2",
}


def only_once(measure: Measure) -> str:
    """What a group means for the person who promises or counts; blank where a measure stands alone."""
    group = measure.exclusive_group
    if not group:
        return ""
    return ONLY_ONCE.get(group, f"Of all measures in the group “{group}”, each unit counts under one only.")


def one_of(measure: Measure) -> str:
    """The same in a few words."""
    group = measure.exclusive_group
    return ONE_OF.get(group, f"one of “{group}”") if group else "–"
