"""Which amounts belong to which keys.

Amounts and keys that stand side by side form a *run*. A run is read in the direction, key value or value key, that
leaves the fewest numbers and keys alone; the two may mix. Between equals the nearer neighbours win, then the
direction in which the run begins. `=` and `--` bind always.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import vocabulary as words
from .amounts import Amount, Unit
from .fields import TOKEN_FIELDS, fault
from .parts import Part, Role
from .request import Field

_FORCED = 1000
_NEVER = 10**9
_COUNTS_ANOTHER = 100
"""More than neighbours can differ in distance: what is left alone is looked at first."""
COUNTS = (Field.TURNS, Field.EPISODES, Field.GPUS)
"""What a number counts, where others measure."""

PLACED_BY_UNIT = {
    Unit.DOLLARS: Field.BUDGET_USD,
    Unit.FOREIGN: Field.BUDGET_USD,
    Unit.HOURS: Field.DEADLINE_HOURS,
    Unit.GPUS: Field.GPUS,
    Unit.ADDED_PER_TURN: Field.TOKENS_ADDED_PER_TURN,
}
"""The field of an amount that its unit places without a key."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A key with its amounts; no key: amounts left alone; no amounts: a key left alone.

    `empty_place`: the list of amounts had a comma with nothing behind it.
    """

    key: Part | None
    amounts: tuple[Part, ...]
    joiners: tuple[str, ...] = ()
    empty_place: bool = False


@dataclass(frozen=True, slots=True)
class _Gap:
    """How two neighbours stand: whether they may bind, how far apart, whether a list goes on.

    `counted`: the number before counts the key (*5k rollouts*, *20 long turns*).
    """

    adjacent: bool = False
    distance: int = 0
    joined: bool = False
    joiner: str = ""
    forced: bool = False
    empty_place: bool = False
    counted: bool = False


@dataclass(frozen=True, slots=True)
class _Cluster:
    """A key, or amounts that may be one list; `gaps[i]` stands before the i-th."""

    parts: tuple[Part, ...]
    gaps: tuple[_Gap, ...]

    @property
    def is_key(self) -> bool:
        return self.parts[0].role is Role.KEY

    def binding(self, key: Part | None) -> Binding:
        joiners = tuple(gap.joiner for gap in self.gaps[1:])
        return Binding(key, self.parts, joiners, any(gap.empty_place for gap in self.gaps[1:]))

    @property
    def left_alone_cost(self) -> int:
        return sum(_left_alone_cost(part) for part in self.parts)


def _left_alone_cost(part: Part) -> int:
    """What it costs to leave an amount without a key: nothing where its unit places it."""
    amount = part.amount
    assert amount is not None
    free = amount.soft or amount.multiple or amount.unit in PLACED_BY_UNIT
    return 0 if free else len(amount.numbers)


def fits(part: Part, key: Part) -> bool:
    """Whether an amount's unit lets it stand in the key's field."""
    assert part.amount is not None
    unit = part.amount.unit
    if unit is Unit.TOKENS_PER_SECOND:
        return key.tps_field is not None or key.field in (Field.PROMPT_TPS, Field.DECODE_TPS)
    if key.field is None:
        return False
    if unit in (Unit.TOKENS, Unit.ADDED_PER_TURN):
        return key.field in TOKEN_FIELDS
    return unit is None or PLACED_BY_UNIT.get(unit) is key.field


def bindings(parts: Sequence[Part]) -> Iterator[Binding]:
    """Every amount and key of the text in its binding, in order."""
    for run in _runs(parts):
        if len(run) == 1 and len(run[0].parts) == 1 and not run[0].is_key:
            yield run[0].binding(None)
            continue
        plan: _Plan | None = _best_plan(run)
        while plan is not None:
            if plan.binding:
                yield plan.binding
            plan = plan.rest


# -- runs ------------------------------------------------------------------------------------------------


def _runs(parts: Sequence[Part]) -> Iterator[list[_Cluster]]:
    run: list[_Cluster] = []
    before: int | None = None
    for index, part in enumerate(parts):
        if part.role not in (Role.AMOUNT, Role.KEY):
            continue
        gap = _gap(parts, before, index) if before is not None else _Gap()
        listed = gap.joined and before is not None and run and not run[-1].is_key
        if listed and before is not None and _may_join(parts, run, before, index, gap):
            run[-1] = _Cluster((*run[-1].parts, part), (*run[-1].gaps, gap))
        elif run and not gap.adjacent:
            yield run
            run = [_Cluster((part,), (gap,))]
        else:
            run.append(_Cluster((part,), (gap,)))
        before = index
    if run:
        yield run


def _may_join(
    parts: Sequence[Part], run: Sequence[_Cluster], before: int, index: int, gap: _Gap
) -> bool:
    """Whether an amount goes on with the list before it: numbers of one kind that count the same thing."""
    first, second = parts[before].amount, parts[index].amount
    if first is None or second is None or first.change or second.change:
        return False
    if not _alike(first, second):
        return False
    alone = (Unit.NO_FIELD, Unit.ADDED_PER_TURN)
    if first.unit in alone or second.unit in alone or _counts_a_word(parts, index):
        return False
    if first.unit is not None and second.unit is not None and first.unit is not second.unit:
        return False
    behind_key = len(run) > 1 and run[-2].is_key and run[-1].gaps[0].adjacent
    return behind_key or _begins_a_list(parts, before, len(run[-1].parts), gap)


def _alike(first: Amount, second: Amount) -> bool:
    """A number word that may be none (*that one, 20 turns*) joins only number words (*two or three thousand*)."""
    return not (first.soft or second.soft) or (first.in_words and second.in_words)


def _begins_a_list(parts: Sequence[Part], before: int, length: int, gap: _Gap) -> bool:
    """*Seed 42, 5k episodes* is no list: its first number counts the word before it, and two take an *and*."""
    if length > 1:
        return True
    lead = before - 1
    while lead >= 0 and parts[lead].role is Role.FILL and parts[lead].lower in _AFTER_NOUNS:
        lead -= 1
    if lead >= 0 and parts[lead].role is Role.WORD and parts[lead].lower not in words.LIST_LEADS:
        return False
    return gap.joiner != ", " or _goes_on(parts, before)


_AFTER_NOUNS = words.NOUNS_BEHIND_KEYS | {"of", "is", "are", "was"}
"""*A batch size of 64*: what stands between a noun and its number."""


def _goes_on(parts: Sequence[Part], at: int) -> bool:
    """Whether a third number follows the two of *5, 10 and 20*."""
    rest = [part for part in parts[at + 1 : at + 8] if not is_approximation(part)]
    roles = [part.role for part in rest[:4]]
    return roles == [Role.JOIN, Role.AMOUNT, Role.JOIN, Role.AMOUNT] or (
        len(rest) > 4
        and [part.role for part in rest[:5]]
        == [Role.JOIN, Role.AMOUNT, Role.JOIN, Role.JOIN, Role.AMOUNT]
    )


def _counts_a_word(parts: Sequence[Part], index: int) -> bool:
    """Whether a word that is no key follows the amount, so that it counts that (*12 engineers*)."""
    part = parts[index]
    following = parts[index + 1] if index + 1 < len(parts) else None
    if part.amount and part.amount.counts_other:
        return True
    if following is None or following.role is not Role.WORD or not following.is_plain_word:
        return False
    return following.lower not in words.NO_NOUNS


def _gap(parts: Sequence[Part], first: int, second: int) -> _Gap:
    a, b, between = parts[first], parts[second], parts[first + 1 : second]
    seen_through = all(part.role in (Role.FILL, Role.MODEL) for part in between)
    if a.role is Role.AMOUNT and b.role is Role.AMOUNT:
        return _list_gap(between, b, seen_through=seen_through)
    if a.role is Role.KEY and b.role is Role.KEY:
        return _Gap(adjacent=seen_through)
    key, amount = (a, b) if a.role is Role.KEY else (b, a)
    if key is b and key.of_others and not between:
        return _Gap()
    bound = any(part.role is Role.BIND for part in between)
    if bound and any(part.text in ")]}" for part in between):
        return _Gap()
    if bound:
        allowed = key is a and all(
            part.role in (Role.BIND, Role.QUOTE, Role.FILL) for part in between
        )
        return _Gap(adjacent=allowed, distance=-1, forced=allowed and key.marked in ("=", "--"))
    if not seen_through or not _words_allow(between, key_first=key is a):
        return _Gap()
    if key is a and _names_an_end(parts, key, between, second):
        return _Gap()
    other_thing = (
        key is a and amount.amount is not None and amount.amount.counts_other and key.marked != "--"
    )
    adjacent = fits(amount, key) and not other_thing
    return _Gap(
        adjacent=adjacent,
        distance=sum(part.distance for part in between),
        forced=adjacent and key is a and key.marked == "--",
        counted=key is b and not any(part.lower in words.NUMBER_TO_UNIT for part in between),
    )


def _names_an_end(parts: Sequence[Part], key: Part, between: Sequence[Part], amount: int) -> bool:
    """*The context grows to 90k, from 8k to 90k* says where it ends, not what a turn adds."""
    if key.field is not Field.TOKENS_ADDED_PER_TURN or key.lower not in words.GROWING:
        return False
    number = parts[amount].amount
    behind = parts[amount + 1].lower if amount + 1 < len(parts) else ""
    ends = any(part.lower == "to" for part in between) or (number is not None and number.from_said)
    return ends and not behind.endswith("turn")


def _words_allow(between: Sequence[Part], *, key_first: bool) -> bool:
    """*Is, at most, of* lead from a key to its number; *for, of the, coding* from a number to its unit."""
    leading = _TO_A_NUMBER if key_first else words.BETWEEN_NUMBER_AND_KEY
    return all(part.lower in leading or part.lower not in words.SEEN_THROUGH for part in between)


_TO_A_NUMBER = words.LINKS | words.NOUNS_BEHIND_KEYS | {"tokens", "from", "between"}


def _list_gap(between: Sequence[Part], second: Part, *, seen_through: bool) -> _Gap:
    joins = [part for part in between if part.role is Role.JOIN]
    others = [part for part in between if part.role is not Role.JOIN]
    if not joins or not all(is_approximation(part) for part in others):
        return _Gap(adjacent=bool(between) and seen_through)
    commas = sum(part.text == "," for part in joins)
    joiner = joins[-1].lower
    spaced = joiner == "," and not second.glued
    return _Gap(joined=True, joiner=", " if spaced else joiner, empty_place=commas > 1)


def is_approximation(part: Part) -> bool:
    """Whether a part is one of the words before a number that change nothing."""
    if part.lower in words.NOT:
        return False
    return part.role is Role.FILL and (
        part.lower in words.LINKS or part.lower in ("~", "+", "<", ">", "\u2192")
    )


# -- the plan of a run -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Plan:
    """A binding and the plan of what follows it; `cost` counts what is left alone, then distance and direction."""

    cost: tuple[int, int]
    binding: Binding | None = None
    rest: "_Plan | None" = None


_END = _Plan((0, 0))
_IMPOSSIBLE = _Plan((_NEVER, 0))


def _then(alone: int, preference: int, binding: Binding, rest: _Plan) -> _Plan:
    return _Plan((alone + rest.cost[0], preference + rest.cost[1]), binding, rest)


def _cheapest(plans: Sequence[_Plan]) -> _Plan:
    return min(plans, key=lambda plan: plan.cost)


def _best_plan(run: Sequence[_Cluster]) -> _Plan:
    """Worked out from the end in one pass.

    `settled[i]` is the best from cluster i on where nothing before it waits for an amount, `waiting[i]` where the key
    before it takes its first amounts.
    """
    key_value = run[0].is_key
    settled = [_END] * (len(run) + 2)
    waiting = [_IMPOSSIBLE] * (len(run) + 2)
    for i in range(len(run) - 1, -1, -1):
        if run[i].is_key:
            settled[i] = _cheapest(
                [_key_left_alone(run[i].parts[0], settled[i + 1]), waiting[i + 1]]
            )
            continue
        tail = _Tail(run, i, settled, value_key_cost=int(key_value))
        settled[i] = _cheapest([*tail.plans(run[i]), *_headed(run[i], None, tail)])
        if i and run[i - 1].is_key and run[i].gaps[0].adjacent:
            waiting[i] = _taken_by_key(
                run[i], run[i - 1].parts[0], tail, key_value_cost=int(not key_value)
            )
    return settled[0]


def _key_left_alone(key: Part, rest: _Plan) -> _Plan:
    cost = 0 if key.field is None else 1
    return _then(cost + (_FORCED if key.marked in ("=", "--") else 0), 0, Binding(key, ()), rest)


@dataclass(frozen=True, slots=True)
class _Tail:
    """What may become of amounts at cluster i: the value of the key behind them, or left alone."""

    run: Sequence[_Cluster]
    i: int
    settled: Sequence[_Plan]
    value_key_cost: int

    @property
    def behind(self) -> _Cluster | None:
        return self.run[self.i + 1] if self.i + 1 < len(self.run) else None

    def plans(self, cluster: _Cluster) -> Iterator[_Plan]:
        yield _then(cluster.left_alone_cost, 0, cluster.binding(None), self.settled[self.i + 1])
        behind = self.behind
        if behind is None or not behind.is_key or not behind.gaps[0].adjacent:
            return
        key = behind.parts[0]
        if key.marked not in ("=", "--") and all(fits(part, key) for part in cluster.parts):
            preference = 2 * behind.gaps[0].distance + self.value_key_cost
            yield _then(0, preference, cluster.binding(key), self.settled[self.i + 2])


def _headed(cluster: _Cluster, key: Part | None, tail: _Tail) -> Iterator[_Plan]:
    """The amounts as a head, for `key` or left alone, and a tail; only the first or the last is split off."""
    count = len(cluster.parts)
    for cut in sorted({1, count - 1, count} - {0}, reverse=True):
        head = _Cluster(cluster.parts[:cut], cluster.gaps[:cut])
        alone = 0 if key else head.left_alone_cost
        if cut == count:
            if key is not None:
                yield _then(alone, 0, head.binding(key), tail.settled[tail.i + 1])
            continue
        rest = _Cluster(cluster.parts[cut:], (_Gap(), *cluster.gaps[cut + 1 :]))
        # *turns 5, 10, 1k and 5k episodes*: a list that ends in *and* belongs together.
        ends_in_and = cluster.gaps[-1].joiner in ("and", "or", "&")
        tie = 1 if count > 2 and (cut == count - 1) == ends_in_and else 0
        yield _then(alone, tie, head.binding(key), _cheapest(list(tail.plans(rest))))


def _counts_another(cluster: _Cluster, key: Part, behind: _Cluster | None) -> bool:
    """*Generate 5k rollouts*, *rollouts: 20 turns*: the number behind the key counts what follows, if it can."""
    if behind is None or not behind.is_key or not behind.gaps[0].counted:
        return False
    thing = behind.parts[0].field
    if thing not in COUNTS or not all(_may_be(part, thing) for part in cluster.parts):
        return False
    if key.lower in words.GENERATING:
        return True
    return key.field is Field.EPISODES and thing is Field.TURNS


def _may_be(part: Part, field: Field) -> bool:
    return part.amount is not None and not any(
        fault(field, number.value) for number in part.amount.numbers
    )


def _taken_by_key(cluster: _Cluster, key: Part, tail: _Tail, *, key_value_cost: int) -> _Plan:
    gap = cluster.gaps[0]
    if _counts_another(cluster, key, tail.behind):
        key_value_cost += _COUNTS_ANOTHER
    plans = list(_headed(cluster, key, tail))
    fitting = [
        plan
        for plan in plans
        if plan.binding and all(fits(part, key) for part in plan.binding.amounts)
    ]
    if not fitting and not gap.forced:
        return _IMPOSSIBLE
    best = _cheapest(fitting or plans)
    alone, preference = best.cost
    cost = (alone - (_FORCED if gap.forced else 0), preference + 2 * gap.distance + key_value_cost)
    return _Plan(cost, best.binding, best.rest)
