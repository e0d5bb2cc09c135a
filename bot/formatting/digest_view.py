"""Digest -> view: what rates that moved do to a channel's bills, which they are, what is announced, and from where."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate

from bot.answers import SHAPE_DEFAULTS
from bot.digests import Digest
from bot.effects import Effect, PathEffect
from bot.formatting.digest_wording import (
    RATES,
    announced_words,
    cards_words,
    change_words,
    digest_verdict,
    from_day,
    gone_from,
    item_name,
    items_words,
    largest_share,
    opposite_ways,
    path_words,
    share_of,
    some,
)
from bot.formatting.estimate_view import status_words
from bot.formatting.figures import NO_AMOUNT, limit, money, number, price
from bot.formatting.layout import Cell, Figure, Line, Section, Sourced, Table, View
from bot.formatting.rates_view import card_label
from bot.formatting.request_wording import field_words
from bot.formatting.wording import listed, plural
from bot.requests.request import Field
from engine.costs import Notional
from pricing.cards import AnyCard, CardKey, GpuCard
from pricing.changes import RateDifference
from pricing.snapshots import Announcement, Move, MoveKind

# A digest is read on the way to something else: beyond so many it says how many more there are.
_MOVED_ROWS, _EFFECT_ROWS, _DAYS, _NOTES, _SOURCES = 20, 40, 6, 4, 6


def digest_view(digest: Digest) -> View:
    """The verdict with its numbers, what moved, what it does, and what is still to come."""
    parts = (
        _effects_section(digest),
        _moves_section(digest),
        Section(facts=tuple(_facts(digest))),
        Section(title="Sources", lines=tuple(_sources(digest))),
    )
    filled = tuple(part for part in parts if part.table or part.facts or part.lines)
    return View(summary=digest_verdict(digest), sections=filled)


def alive_view(
    *,
    since: date,
    checks: int,
    last: date,
    over_percent: Decimal | None = None,
    over_usd: Decimal | None = None,
) -> View:
    """That nothing was to be said for a month, and that somebody looked."""
    thresholds = [f"{number(over_percent)}%"] if over_percent is not None else []
    thresholds += [limit(over_usd)] if over_usd is not None else []
    moved = "No rate that concerns this channel has changed"
    if thresholds:
        moved = f"No bill of this channel has moved by more than {listed(thresholds, last='or')}"
    return View(
        summary=f"{moved} since {since}; {plural(checks, 'check')} since, the last on {last}."
    )


def failing_view(failing: Sequence[tuple[str, date]]) -> View:
    """That sources cannot be read, which, since when, and how old their rates are by now."""
    silent = listed(f"{name} since {day}" for name, day in failing)
    until = "it works again its" if len(failing) == 1 else "they work again their"
    return View(
        summary=f"The checks of rates fail: I cannot read {silent}. "
        f"Until {until} rates are those of the last good check, and changes there go unnoticed; "
        "whoever runs the bot sees why with `rlcost rates check`."
    )


def _effects_section(digest: Digest) -> Section:
    """The bills that moved and the cheapest ones, before and after."""
    rows = [row for effect in digest.effects for row in _effect_rows(effect)]
    if not rows:
        return Section()
    named = any(effect.name for effect in digest.effects)
    header = ("Run" if named else "Model", "Path", "Before", "After", "Change")
    title = f"US dollars per run · {'saved runs' if named else _default_words()}"
    table = Table(header=header, rows=tuple(rows[:_EFFECT_ROWS]), numeric=frozenset({2, 3, 4}))
    return Section(title=title, table=table)


def _effect_rows(effect: Effect) -> Iterator[tuple[Cell, ...]]:
    name = effect.name or effect.model.key
    for path in effect.paths:
        is_cheapest = path.path in (effect.cheapest_before, effect.cheapest_after)
        if path.moved or is_cheapest:
            before, after = path.usd_before, path.usd_after
            status = ", ".join(_status(effect, path))
            label = f"{path_words(path)} ({status})" if status else path_words(path)
            yield name, label, _amount(before), _amount(after), _change_cell(before, after)


def _status(effect: Effect, path: PathEffect) -> Iterator[str]:
    """Whether a path is or was cheapest, and what keeps it from being bought; it stands beside its name, for phones."""
    if path.path is effect.cheapest_after:
        yield "now cheapest" if effect.flipped else "cheapest"
    elif path.path is effect.cheapest_before:
        yield "was cheapest"
    if isinstance(path.after.priced, Notional):
        yield status_words(path.after)


def _moves_section(digest: Digest) -> Section:
    """Each rate that moved; new cards and gone ones have lines of their own."""
    shown, _ = _changed(digest)
    if not shown:
        return Section()
    header: tuple[str, ...] = ("Model", "Rate", "Before", "After", "Change", "From")
    rows = [_move_row(move, difference) for move in shown for difference in move.differences]
    title = f"US dollars per {_units(shown)}"
    if (
        len({row[-1] for row in rows}) == 1
    ):  # said once, the day leaves its column to a narrow screen
        title += f" · {from_day(shown[0]).strip()}"
        header, rows = header[:-1], [row[:-1] for row in rows]
    table = Table(header=header, rows=tuple(rows), numeric=frozenset({2, 3, 4}))
    return Section(title=title, table=table)


def _changed(digest: Digest) -> tuple[list[Move], list[Move]]:
    """The cards whose rates changed: those that the table shows whole, and those for which it has no room."""
    changed = [move for move in _in_order(digest) if move.kind is MoveKind.CHANGED]
    rows = accumulate(len(move.differences) for move in changed)
    room = sum(so_far <= _MOVED_ROWS for so_far in rows)
    return changed[:room], changed[room:]


def _units(moves: Sequence[Move]) -> str:
    hourly = {isinstance(move.after, GpuCard) for move in moves}
    return listed([*["1M tokens"] * (False in hourly), *["GPU-hour"] * (True in hourly)], last="or")


def _in_order(digest: Digest) -> list[Move]:
    """Moves as the runs come whose bills they move, then those of their models, then by the largest share."""
    behind: dict[CardKey, int] = {}
    models: dict[str, int] = {}
    for at, effect in enumerate(digest.effects):
        models.setdefault(effect.model.key, at)
        for card in (card for path in effect.moved for card in (path.after.card, path.before.card)):
            if card:
                behind.setdefault(card.key, at)

    def place(move: Move) -> tuple[int, int, Decimal]:
        last = len(digest.effects)
        at = models.get(move.key.item, last)
        return min(behind.get(move.key, last), at), behind.get(move.key, last), -largest_share(move)

    return sorted(digest.moves, key=place)


def _move_row(move: Move, difference: RateDifference) -> tuple[Cell, ...]:
    rate, before, after = difference
    return (
        item_name(move),
        f"{_path(move)} {RATES[rate]}".strip(),
        _rate_cell(before),
        _rate_cell(after),
        _change_cell(before, after),
        _first_day(move),
    )


def _not_shown(moves: Sequence[Move]) -> Iterator[tuple[str, str]]:
    if moves:
        count = sum(len(move.differences) for move in moves)
        items = some([*dict.fromkeys(item_name(move) for move in moves)])
        yield "Not shown", f"{plural(count, 'more rate')}, of {items}; ask `rates MODEL` for them"


def _facts(digest: Digest) -> Iterator[tuple[str, str]]:
    """What stands beside the tables, each with a label."""
    _, left_out = _changed(digest)
    yield from _not_shown(left_out)
    yield from (("Note", text) for text in _first(_notes(digest), _NOTES))
    if digest.not_shown:
        yield "Also moved", f"the default runs of {some(digest.not_shown)}"
    if digest.unaffected:
        yield "Unaffected", plural(digest.unaffected, "saved run")
    if digest.unpriced:
        names = listed(f"`{name}`" for name in digest.unpriced)
        yield "Not priced", f"{names}: save one run with single values to see it here"
    yield from _by_day("New", [move for move in digest.moves if move.kind is MoveKind.NEW])
    yield from _by_day("Gone", [move for move in digest.moves if move.kind is MoveKind.GONE])
    yield from (("Announced", text) for text in _announcements(digest.announced))
    yield from (("Called off", text) for text in _announcements(digest.called_off))
    if digest.waiting:
        waits = "waits" if digest.waiting == 1 else "wait"
        yield (
            "Held for review",
            f"{plural(digest.waiting, 'change')} {waits} for a person to decide; no figure here holds them",
        )
    for name, since in digest.failing:
        yield "Cannot be read", f"{name}, since {since}; its rates are those of the last good check"


def _notes(digest: Digest) -> Iterator[str]:
    """Where list prices and a bill went opposite ways, and why."""
    for effect in digest.effects:
        for path in effect.moved:
            if path.against_list_prices:
                yield f"{f'`{effect.name}`' if effect.name else effect.model.key}: {opposite_ways(path)}"


def _by_day(label: str, moves: Sequence[Move]) -> Iterator[tuple[str, str]]:
    """One line for what came or went on one day."""
    days: dict[str, list[Move]] = {}
    for move in moves:
        days.setdefault(from_day(move).strip(), []).append(move)
    lines = [f"{f'{day}: ' if day else ''}{cards_words(alike)}" for day, alike in days.items()]
    return ((label, line) for line in _first(lines, _DAYS))


def _announcements(announcements: Sequence[Announcement]) -> Iterator[str]:
    """Rates a line each, and one for all that ends on one day."""
    rates = [announced_words(one) for one in announcements if one.card]
    ends: dict[str, list[AnyCard]] = {}
    for one in announcements:
        if one.card is None and one.now:
            ends.setdefault(gone_from(one), []).append(one.now)
    gone = [f"{day}: {items_words(cards)}" for day, cards in ends.items()]
    return _first([*rates, *gone], _DAYS)


def _sources(digest: Digest) -> Iterator[Line]:
    """The pages behind all this, and when each was last seen to say so; of rates that are gone that is not kept."""
    held = [move.after for move in digest.moves if move.after]
    held += [card for one in digest.announced if (card := one.card or one.now)]
    gone = [move.before for move in digest.moves if move.before and move.after is None]
    seen: dict[str, date] = {}
    for card in held:
        day = min(card.verified_on, digest.today)
        seen[card.source_url] = max(day, seen.get(card.source_url, date.min))
    lines = [Sourced(f"seen {day}", url) for url, day in seen.items()]
    silent = dict.fromkeys(card.source_url for card in gone if card.source_url not in seen)
    lines += [Sourced("where it stood", url) for url in silent]
    yield from lines[:_SOURCES]
    if lines[_SOURCES:]:
        yield f"and {plural(len(lines) - _SOURCES, 'more page')}"


def _first(lines: Iterable[str], most: int) -> Iterator[str]:
    """The first lines, and how many more there are."""
    lines = [*lines]
    yield from lines[:most]
    if lines[most:]:
        yield f"and {len(lines) - most:,} more"


def _default_words() -> str:
    fields = (Field.EPISODES, Field.TURNS)
    run = " of ".join(field_words(field, SHAPE_DEFAULTS[field]) for field in fields)
    return f"the default run of {run}"


def _path(move: Move) -> str:
    card = move.after or move.before
    return "" if card is None or isinstance(card, GpuCard) else card_label(card)


def _first_day(move: Move) -> str:
    if move.on is None:
        return NO_AMOUNT
    certain = move.after is None or move.after.from_certain
    return str(move.on) if certain else f"seen {move.on}"


def _amount(usd: Decimal | None) -> Cell:
    return NO_AMOUNT if usd is None else Figure(money(usd), usd)


def _rate_cell(usd: Decimal | None) -> Cell:
    return NO_AMOUNT if usd is None else Figure(price(usd), usd)


def _change_cell(before: Decimal | None, after: Decimal | None) -> Cell:
    share, text = share_of(before, after), change_words(before, after)
    return text if share is None or not share else Figure(text, share)
