"""The history of a model's rates in words, as a table, and as steps."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, assert_never

from bot.formatting.as_json import number
from bot.formatting.figures import NO_AMOUNT, price
from bot.formatting.layout import (
    Cell,
    Figure,
    Section,
    Sourced,
    StepChart,
    Steps,
    Table,
    View,
)
from bot.formatting.rates_view import card_label, card_rates
from bot.formatting.wording import caveat_text, listed
from bot.history import Gap, History, Track
from engine.caveats import ObservedRatesMissing
from pricing.cards import AnyCard, CardPath, Ended, GpuCard, TinkerCard
from pricing.changes import RateChange, RateName, listed_rates_of, rates_of

Json = dict[str, Any]


def history_view(history: History) -> View:
    """What holds since when and what changed last; then every card, the steps, and where they are from."""
    return View(summary=_summary(history), sections=tuple(_sections(history)))


def history_json(history: History) -> Json:
    """A history as one object; dollars are per 1M tokens or per GPU-hour, and null where there is no rate."""
    return {
        "model": history.model.key,
        "as_of": history.on.isoformat(),
        "observed_rates_missing": history.observed_missing,
        "tracks": [_track_json(track) for track in history.tracks],
    }


# -- in words --------------------------------------------------------------------------------------------


def _summary(history: History) -> str:
    key = f"`{history.model.key}`"
    if not history.tracks:
        return f"No rate of {key} is known; `rates` lists those that are."
    sentences = [_in_force(history, key), _last_change(history), *_to_come(history)]
    return " ".join(sentence for sentence in sentences if sentence)


def _in_force(history: History, key: str) -> str:
    since: dict[str, list[str]] = {}
    for track in history.tracks:
        card = track.holding(history.on)
        if card:
            first = track.since(card)
            words = f"since {first.effective_from}"
            words += "" if first.from_certain else " at the latest"
            since.setdefault(words, []).append(_label(track))
    if not since:
        return f"No rate of {key} is in force on {history.on}."
    groups = [f"{listed(labels)} {words}" for words, labels in since.items()]
    return f"In force for {key}: {'; '.join(groups)}."


def _last_change(history: History) -> str:
    changes = history.last_changes
    if not changes:
        return "No change of these rates is known."
    words = [_moved(change) for change in changes if change.after]
    for why, left in ((Ended.RETIRED, "no longer offered"), (Ended.UNKNOWN, "seen no more")):
        labels = [card_label(c.before) for c in changes if c.before and c.ended is why]
        words += [f"{listed(labels)} {left}"] if labels else []
    return f"The last change was on {changes[0].on}: {'; '.join(words)}."


def _moved(change: RateChange) -> str:
    assert change.after is not None  # noqa: S101 - asked only of those that go on
    label = card_label(change.after)
    if change.before is None:
        return f"{label} began, at {card_rates(change.after)}"
    if isinstance(change.after, GpuCard):
        [moved] = change.differences
        return f"{label} from {_usd(moved.before)} to {_usd(moved.after)} per GPU-hour"
    moves = listed(
        f"{_RATE_WORDS[moved.rate]} from {_usd(moved.before)} to {_usd(moved.after)}"
        for moved in change.differences
    )
    return f"{label} {moves}"


_RATE_WORDS = {
    RateName.INPUT: "input",
    RateName.CACHED_INPUT: "cached",
    RateName.OUTPUT: "output",
}


def _usd(usd: Decimal | None) -> str:
    return "none" if usd is None else price(usd)


def _to_come(history: History) -> Iterator[str]:
    """Rates whose first day is still to come, and paths whose last day is known."""
    leaving: dict[date, list[str]] = {}
    for track in history.tracks:
        card = track.holding(history.on)
        if card and card.effective_to and card.ended is Ended.RETIRED:
            leaving.setdefault(card.effective_to, []).append(_label(track))
    words = [f"no more {listed(labels)} after {day}" for day, labels in leaving.items()]
    words += [
        f"{card_label(card)} from {card.effective_from} on at {card_rates(card)}"
        for track in history.tracks
        for card in track.cards
        if card.effective_from > history.on
    ]
    if words:
        yield f"To come: {'; '.join(words)}."


def _label(track: Track) -> str:
    return card_label(track.cards[0])


# -- as a table ------------------------------------------------------------------------------------------


def _sections(history: History) -> Iterator[Section]:
    tokens = [track for track in history.tracks if track.key.path is not CardPath.DEDICATED]
    gpus = [track for track in history.tracks if track.key.path is CardPath.DEDICATED]
    if tokens:
        yield _table("US dollars per 1M tokens", ("Path", "Input", "Cached", "Output"), tokens)
        yield from _picture("Input rate", "US$ per 1M tokens", tokens, history.on)
    if gpus:
        yield _table("US dollars per GPU-hour", ("GPU", "GPU-hour"), gpus)
        yield from _picture("GPU-hour", "US$ per GPU-hour", gpus, history.on)
    remarks = tuple(_remarks(history))
    if remarks:
        yield Section(lines=remarks)
    sources = dict.fromkeys(card.source_url for track in history.tracks for card in track.cards)
    if sources:
        yield Section(title="Sources", lines=tuple(Sourced("", url) for url in sources))


def _remarks(history: History) -> Iterator[str]:
    if any(not card.from_certain for track in history.tracks for card in track.cards):
        yield "First seen: the rates may have held before that day, and nobody wrote down since when."
    if history.observed_missing:
        yield caveat_text(ObservedRatesMissing())


def _table(title: str, columns: tuple[str, ...], tracks: Sequence[Track]) -> Section:
    what, *rates = columns
    table = Table(
        header=(what, "From", "To", *rates, "How sure", "Checked"),
        rows=tuple(
            _row(_label(track), entry, rates=len(rates))
            for track in tracks
            for entry in track.entries
        ),
        numeric=frozenset(range(3, 3 + len(rates))),
    )
    return Section(title=title, table=table)


def _row(label: str, entry: AnyCard | Gap, *, rates: int) -> tuple[Cell, ...]:
    if isinstance(entry, Gap):
        days = (str(entry.first), str(entry.last))
        return (label, *days, *[NO_AMOUNT] * rates, "no rate known", NO_AMOUNT)
    values = [
        NO_AMOUNT if usd is None else Figure(price(usd), usd) for usd in rates_of(entry).values()
    ]
    days = (str(entry.effective_from), _last_day(entry))
    return (label, *days, *values, _certainty(entry), str(entry.verified_on))


def _last_day(card: AnyCard) -> str:
    match card.ended:
        case None:
            return "open"
        case Ended.RETIRED:
            return f"{card.effective_to}, retired"
        case Ended.UNKNOWN:
            return f"{card.effective_to}, not seen since"
        case Ended.REPLACED:
            return str(card.effective_to)
        case _:
            assert_never(card.ended)


def _certainty(card: AnyCard) -> str:
    """How sure the rates are; that the first day is only that of a sighting; and that no official page had them."""
    words = [str(card.confidence)]
    words += [] if card.from_certain else ["first seen"]
    words += ["by a feed only"] if card.feed_only else []
    return ", ".join(words)


# -- as steps --------------------------------------------------------------------------------------------


def _picture(what: str, axis: str, tracks: Sequence[Track], on: date) -> Iterator[Section]:
    """The first rate of each path on which it moved; those that stood still are said in a line."""
    paths = [(_label(track), _steps(track, on)) for track in tracks]
    moved = tuple((label, steps) for label, steps in paths if len(_values(steps)) > 1)
    still = [
        f"{label} {price(*_values(steps))}" for label, steps in paths if len(_values(steps)) == 1
    ]
    if moved:
        chart = StepChart(title=f"{what}, {axis}", axis=axis, series=moved)
        yield Section(title=f"{what} over time", steps=chart)
    if moved and still:
        yield Section(lines=(f"{what} that did not move: {listed(still)}.",))


def _values(steps: Steps) -> frozenset[Decimal]:
    return frozenset(value for _, value in steps if value is not None)


def _steps(track: Track, on: date) -> Steps:
    """The first rate, input or GPU-hour, from each day on, up to the history's day or the last that is announced."""
    steps: list[tuple[date, Decimal | None]] = []
    for entry in track.entries:
        if isinstance(entry, Gap):
            steps.append((entry.first, None))
        else:
            steps.append((entry.effective_from, next(iter(rates_of(entry).values()))))
    last = track.cards[-1]
    if last.effective_to:
        steps.append((last.effective_to + timedelta(days=1), None))
    day, value = steps[-1]
    return tuple(steps) if day >= on else (*steps, (on, value))


# -- as JSON ---------------------------------------------------------------------------------------------


def _track_json(track: Track) -> Json:
    first = track.cards[0]
    return {
        "path": track.key.path,
        "variant": first.variant if isinstance(first, TinkerCard) else None,
        "gpu_type": first.gpu_type if isinstance(first, GpuCard) else None,
        "cards": [_card_json(card) for card in track.cards],
        "gaps": [
            {"from": entry.first.isoformat(), "to": entry.last.isoformat()}
            for entry in track.entries
            if isinstance(entry, Gap)
        ],
        "changes": [
            {
                "on": change.on.isoformat(),
                "rate": moved.rate,
                "before": number(moved.before),
                "after": number(moved.after),
            }
            for change in track.changes
            for moved in change.differences
        ],
    }


def _card_json(card: AnyCard) -> Json:
    return {
        "id": card.id,
        "rates": {rate: number(usd) for rate, usd in listed_rates_of(card).items()},
        "effective_from": card.effective_from.isoformat(),
        "from_certain": card.from_certain,
        "certain_from": card.certain_from.isoformat(),
        "effective_to": card.effective_to.isoformat() if card.effective_to else None,
        "ended": card.ended,
        "confidence": card.confidence,
        "feed_only": card.feed_only,
        "verified_on": card.verified_on.isoformat(),
        "source_url": card.source_url,
        "sightings": list(card.sightings),
    }
