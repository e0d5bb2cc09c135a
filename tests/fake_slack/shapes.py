"""Checks of JSON values that say what is wrong and where: the small language of blocks.py.

A check takes a value and its JSON pointer and yields faults. Checks are built from checks.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, NamedTuple

Json = Any
Object = dict[str, Any]


class Fault(NamedTuple):
    """What Slack would refuse, and the place as a JSON pointer."""

    pointer: str
    message: str


Check = Callable[[Json, str], Iterator[Fault]]
Rule = Callable[[Object, str], Iterator[Fault]]
Shape = tuple[Mapping[str, Check], Mapping[str, Check]]

NOTHING: Mapping[str, Check] = {}


def text(maximum: int | None = None, minimum: int = 0) -> Check:
    """A string of a length within bounds."""

    def check(value: Json, at: str) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault(at, "must be a string")
        elif len(value) < minimum:
            yield Fault(at, f"must be more than {minimum - 1} characters")
        elif maximum is not None and len(value) > maximum:
            yield Fault(at, f"must be less than {maximum + 1} characters")

    return check


def matching(pattern: str, *, what: str) -> Check:
    """A string of a form, named for the reader of the fault."""
    form = re.compile(pattern)

    def check(value: Json, at: str) -> Iterator[Fault]:
        if not isinstance(value, str) or not form.fullmatch(value):
            yield Fault(at, f"must be {what}")

    return check


def number(
    minimum: float | None = None, maximum: float | None = None, *, whole: bool = False
) -> Check:
    """A number within bounds; a boolean is none."""
    kinds = int if whole else (int, float)

    def check(value: Json, at: str) -> Iterator[Fault]:
        if isinstance(value, bool) or not isinstance(value, kinds):
            yield Fault(at, "must be an integer" if whole else "must be a number")
        elif minimum is not None and value < minimum:
            yield Fault(at, f"must be at least {minimum}")
        elif maximum is not None and value > maximum:
            yield Fault(at, f"must be at most {maximum}")

    return check


def flag(value: Json, at: str) -> Iterator[Fault]:
    """A boolean."""
    if not isinstance(value, bool):
        yield Fault(at, "must be a boolean")


def one_of(*values: Hashable) -> Check:
    """One of a few values."""

    def check(value: Json, at: str) -> Iterator[Fault]:
        if isinstance(value, dict | list) or value not in values:
            yield Fault(at, f"must be one of {list(values)}, not {value!r}")

    return check


def array(item: Check, maximum: int | None = None, minimum: int = 1) -> Check:
    """A list of a size within bounds, each item of one kind."""

    def check(value: Json, at: str) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield Fault(at, "must be an array")
            return
        if len(value) < minimum:
            yield Fault(at, f"no fewer than {minimum} items allowed")
        if maximum is not None and len(value) > maximum:
            yield Fault(at, f"no more than {maximum} items allowed")
        for index, each in enumerate(value):
            yield from item(each, f"{at}/{index}")

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] = NOTHING) -> Check:
    """An object that has what it must, and nothing unknown."""
    known = {**required, **optional}

    def check(value: Json, at: str) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(at, "must be an object")
            return
        for name in required.keys() - value.keys():
            yield Fault(at, f"missing required field: {name}")
        for name, each in value.items():
            if name in known:
                yield from known[name](each, f"{at}/{name}")
            else:
                yield Fault(f"{at}/{name}", "unknown field")

    return check


def typed(kinds: Mapping[str, Check], *, what: str) -> Check:
    """An object of one of a few kinds, told apart by its `type`; `kinds` check all but that."""

    def check(value: Json, at: str) -> Iterator[Fault]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in kinds:
            yield Fault(f"{at}/type", f"unsupported type: {kind!r} is no {what}")
            return
        yield from kinds[kind]({name: each for name, each in value.items() if name != "type"}, at)

    return check


def all_of(first: Check, *rules: Rule) -> Check:
    """A check and, where it finds nothing, the rules between the parts of the object."""

    def check(value: Json, at: str) -> Iterator[Fault]:
        faults = list(first(value, at))
        yield from faults
        if not faults:
            for rule in rules:
                yield from rule(value, at)

    return check


def exactly_one(*names: str) -> Rule:
    """One of the fields, and only one."""

    def rule(value: Object, at: str) -> Iterator[Fault]:
        if sum(name in value for name in names) != 1:
            yield Fault(at, f"must define exactly one of {list(names)}")

    return rule


def at_least_one(*names: str) -> Rule:
    """One of the fields, or several."""

    def rule(value: Object, at: str) -> Iterator[Fault]:
        if not any(name in value for name in names):
            yield Fault(at, f"must define at least one of {list(names)}")

    return rule
