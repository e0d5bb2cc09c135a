"""From how many turns on a path is cheaper, or up to how many, in words."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from bot.answers import Answer, ModelAnswer
from bot.formatting.figures import NO_AMOUNT, limit, money
from bot.formatting.layout import Cell, Figure, Table
from bot.formatting.most_turns_view import most_turns_text
from bot.formatting.request_wording import hours_band_words, hours_words
from bot.formatting.wording import PATH_NAMES, listed, path_names, plural, reason_clause
from bot.solving.solution import ALWAYS, MOST_TURNS, NEVER, Allowed, Solution
from bot.sweep_lines import too_small
from engine.caveats import BillingPath, ContextOverflow, Reason


def turns_text(answer: Answer, entry: ModelAnswer) -> str:
    """How many turns can be had, where a limit was said; the crossings beside it are those that can be bought, or all
    where of the one path that is named none can; the rest is for the table. Else the pairs that can be bought in one
    sentence for each path, the notional ones, those without amounts; last what the runs at the crossings come to against
    what was allowed."""
    most = most_turns_text(answer, entry)
    pairs = [s for s in entry.solutions if not s.is_most_turns]
    told = [s for s in pairs if s.value is not None or s.reason in (NEVER, ALWAYS)]
    if most:
        notional = told if len(answer.request.paths) == 1 else []
        beside = [s for s in told if s.offered] or notional
        return " ".join((most, *_pair_texts(entry, beside)))
    sentences = (
        *_pair_texts(entry, [s for s in told if s.offered]),
        *_pair_texts(entry, [s for s in told if not s.offered]),
        *(_lacking_text(entry, s) for s in pairs if s not in told),
        *_allowed_texts(answer, told),
    )
    return " ".join(sentence for sentence in sentences if sentence)


def _pair_texts(entry: ModelAnswer, pairs: Sequence[Solution]) -> Iterator[str]:
    """A sentence for each path that becomes, or is, cheaper than others."""
    for path in dict.fromkeys(s.path for s in pairs):
        yield _path_text(entry, path, [s for s in pairs if s.path is path])


def _path_text(entry: ModelAnswer, path: BillingPath, pairs: list[Solution]) -> str:
    """`Dedicated becomes cheaper than Serverless standard from 19 turns (30 if prefill and decode take turns) and …`."""
    spelled = next((s for s in pairs if _differs(s)), None)
    clauses = []
    for verb, kind in (("becomes", _begins_later), ("is", _begins_cheaper)):
        same = [s for s in pairs if kind(s)]
        if same:
            others = listed(_where_words(s, first=s is same[0], spelled=s is spelled) for s in same)
            clauses.append(f"{verb} cheaper than {others}")
    for reason in (ALWAYS, NEVER):
        same = [s for s in pairs if s.reason == reason]
        if same:
            others = listed(
                f"{_other_name(s)}"
                f"{_in_brackets(_if_phases_add(s, spelled=s is spelled), _too_long_words(s))}"
                for s in same
            )
            clauses.append(f"is {reason} cheaper than {others}")
    sentence = f"{PATH_NAMES[path]} {listed(clauses)}{_taken_over(pairs)}."
    if pairs[0].offered:
        return sentence
    return f"{sentence} {_notional_pairs(entry, pairs)}"


def _begins_cheaper(s: Solution) -> bool:
    return s.value == 1 and s.until is not None


def _begins_later(s: Solution) -> bool:
    return s.value is not None and not _begins_cheaper(s)


def _other_name(s: Solution) -> str:
    return PATH_NAMES[s.against or s.path]


def _where_words(s: Solution, *, first: bool, spelled: bool) -> str:
    """`Serverless priority from 7 (15)`, with the words that all share on the first one that has them."""
    at = s.crossing_turns or 1
    turns = (" turn" if at == 1 else " turns") if first else ""
    start = f"up to {at:,}{turns}" if _begins_cheaper(s) else f"from {at:,}{turns}"
    until = f" to {s.until:,}" if s.until is not None and not _begins_cheaper(s) else ""
    again = f" and again from {s.again:,}" if s.again is not None else ""
    beside = [_if_phases_add(s, spelled=spelled), _too_long_words(s)]
    return f"{_other_name(s)} {start}{until}{again}{_in_brackets(*beside)}"


def _in_brackets(*words: str) -> str:
    said = ", ".join(word for word in words if word)
    return f" ({said})" if said else ""


def _if_phases_add(s: Solution, *, spelled: bool) -> str:
    """The same where prefill and decode take turns; empty where it is."""
    if not _differs(s):
        return ""
    when = " if prefill and decode take turns" if spelled else ""
    return f"{_other_bound(s)}{when}"


def _differs(s: Solution) -> bool:
    """Whether the answer is another one where prefill and decode take turns."""
    other = (s.value_if_phases_add, s.until_if_phases_add, s.again_if_phases_add)
    if other == (None, None, None) and s.reason_if_phases_add is None:
        return False
    return (*other, s.reason_if_phases_add) != (s.value, s.until, s.again, s.reason)


def _other_bound(s: Solution) -> str:
    """`30`, `never` or `from 5 to 29`: the number alone where only that is another one."""
    value, until, again = s.value_if_phases_add, s.until_if_phases_add, s.again_if_phases_add
    if value is None:
        return s.reason_if_phases_add or NO_AMOUNT
    alike = s.again is None and again is None
    if alike and s.value is not None and until is None and s.until is None:
        return f"{value:,}"
    if alike and _begins_cheaper(s) and value == 1 and until is not None:
        return f"{until:,}"
    start = "" if value == 1 and until is not None else f"from {value:,} "
    end = "" if until is None else f"{'to' if start else 'up to'} {until:,} "
    return f"{start}{end}{'' if again is None else f'and again from {again:,}'}".strip()


def _turns_that_fit(s: Solution) -> int:
    return MOST_TURNS if s.too_long_from is None else s.too_long_from - 1


def _too_long_words(s: Solution) -> str:
    """Which of the numbers no window holds, and how many turns fit."""
    fit = _turns_that_fit(s)
    if not fit:
        return "not even one turn fits"
    other = s.value_if_phases_add
    ends = (s.until, s.again, s.until_if_phases_add, s.again_if_phases_add)
    if not _begins_later(s) or any(end is not None and end > fit for end in ends):
        said = (s.value, other, *ends)
        over = any(at is not None and at > fit for at in said)
        return f"only {fit:,} {'fits' if fit == 1 else 'fit'} the window" if over else ""
    too_long = [at is not None and at > fit for at in (s.value, other)]
    if not any(too_long):
        return ""
    room = f"{plural(fit, 'turn')} {'fits' if fit == 1 else 'fit'}"
    if not _differs(s) or other is None or all(too_long):
        both = "both " if _differs(s) and all(too_long) else ""
        return f"{both}too long: {room}"
    return f"{'which' if too_long[1] else f'{s.value:,}'} is too long: {room}"


def _taken_over(pairs: list[Solution]) -> str:
    """From which number on the other path is cheaper, of the one pair of a sentence that begins the other way."""
    s = pairs[0]
    if len(pairs) > 1 or not _begins_cheaper(s) or s.again is not None or s.against_from is None:
        return ""
    return (
        f"; from {s.against_from:,} on {_other_name(s)} is"
        if s.against_from <= _turns_that_fit(s)
        else ""
    )


def _notional_pairs(entry: ModelAnswer, pairs: list[Solution]) -> str:
    """Why these cannot be bought, whatever the turns: `Notional, retired after …: Serverless standard.`"""
    whys: dict[str, list[BillingPath]] = {}
    for path in dict.fromkeys(p for s in pairs for p in (s.path, s.against) if p):
        clauses = [reason_clause(reason) for reason in _lasting(entry, path)]
        if _is_too_small(entry, path):
            clauses.append("on a cluster that is too small")
        why = "; ".join(clauses)
        if why:
            whys.setdefault(why, []).append(path)
    return " ".join(f"Notional, {why}: {path_names(paths)}." for why, paths in whys.items())


def _is_too_small(entry: ModelAnswer, path: BillingPath) -> bool:
    """Whether it is a cluster that does not hold the model."""
    return too_small(entry.quote(path), entry.model) is not None


def _lasting(entry: ModelAnswer, path: BillingPath) -> list[Reason]:
    """Why a path cannot be bought, whatever the turns."""
    return [r for r in entry.quote(path).priced.reasons if not isinstance(r, ContextOverflow)]


def _lacking_text(entry: ModelAnswer, s: Solution) -> str:
    lacking = [p for p in (s.path, s.against) if p and not entry.quote(p).priced.estimate]
    why = "; ".join(
        f"{PATH_NAMES[path]}: {reason_clause(reason)}"
        for path in lacking
        for reason in entry.quote(path).priced.reasons
    )
    return f"Nothing can be said of {PATH_NAMES[s.path]} and {_other_name(s)} ({why})."


# -- what was allowed beside it ------------------------------------------------------------------------


def _allowed_texts(answer: Answer, told: Sequence[Solution]) -> Iterator[str]:
    """`On Dedicated 1,000 episodes stay within $5,000 at 19 turns ($675.56 to $874.67).`"""
    for s in told:
        if s.budget:
            yield _against_limit(answer, s, s.budget, limit, _money_band)
        if s.deadline:
            yield _against_limit(answer, s, s.deadline, hours_words, hours_band_words)


def _against_limit(
    answer: Answer,
    s: Solution,
    allowed: Allowed,
    limit_words: Callable[[Decimal], str],
    band: Callable[[Decimal, Decimal], str],
) -> str:
    """How the path's run at the crossing stands to a limit."""
    count = answer.workload.episodes if answer.workload else 1
    episodes, ending = plural(count, "episode"), "s" if count == 1 else ""
    on, most = PATH_NAMES[s.path], limit_words(allowed.limit)
    too_long = f"; too long, {_turns_that_fit(s):,} fit" if s.fits_window is False else ""
    comes_to = f"{band(allowed.low, allowed.high)}{too_long}"
    at = f"at {plural(s.crossing_turns or 1, 'turn')} ({comes_to})"
    if allowed.holds is None:
        return f"Whether {episodes} on {on} stay{ending} within {most} {at} is too close to call."
    verb = f"stay{ending} within" if allowed.holds else f"exceed{ending}"
    return f"On {on} {episodes} {verb} {most} {at}."


def _money_band(low: Decimal, high: Decimal) -> str:
    return money(low) if money(low) == money(high) else f"{money(low)} to {money(high)}"


# -- the table -----------------------------------------------------------------------------------------


def turns_table(entry: ModelAnswer) -> Table:
    """A row a pair; up to which turns one stays cheaper only where one does not."""
    pairs = [s for s in entry.solutions if not s.is_most_turns]
    ends = any(s.until is not None for s in pairs)
    phases = "If phases add"
    until = ("Until", phases) if ends else ()
    return Table(
        header=("Cheaper", "Than", "From turns", phases, *until, "Window"),
        rows=tuple(_row(entry, s, ends=ends) for s in pairs),
        numeric=frozenset(range(2, 6 if ends else 4)),
    )


def _row(entry: ModelAnswer, s: Solution, *, ends: bool) -> tuple[Cell, ...]:
    until = (
        _until_cell(s.until, s.again),
        _until_cell(s.until_if_phases_add, s.again_if_phases_add),
    )
    return (
        _short(entry, s.path),
        _short(entry, s.against or s.path),
        _from_cell(s.value, s.reason),
        _from_cell(s.value_if_phases_add, s.reason_if_phases_add),
        *(until if ends else ()),
        _window_words(s),
    )


def _short(entry: ModelAnswer, path: BillingPath) -> str:
    notional = _lasting(entry, path) or _is_too_small(entry, path)
    return PATH_NAMES[path] + (" (notional)" if notional else "")


def _from_cell(value: int | None, reason: str | None) -> Cell:
    if value is not None:
        return Figure(f"{value:,}", Decimal(value))
    return (reason or NO_AMOUNT).replace("_", " ")


def _until_cell(until: int | None, again: int | None) -> Cell:
    if until is None:
        return NO_AMOUNT
    if again is not None:
        return f"{until:,}, again {again:,}"
    return Figure(f"{until:,}", Decimal(until))


def _window_words(s: Solution) -> str:
    """Up to how many turns an episode fits both."""
    if s.too_long_from == 1:
        return "none fits"
    if s.too_long_from is not None:
        return f"up to {plural(s.too_long_from - 1, 'turn')}"
    if s.value is None:
        return NO_AMOUNT
    return "fits" if s.fits_window else "not known"
