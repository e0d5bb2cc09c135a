"""The Home tab: how to ask, the form, what changed lately, and how old the rates are."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from bot.formatting.blocks import Block, blocks, context, escaped, header, rich_text, section
from bot.formatting.buttons import open_form
from bot.formatting.figures import NO_AMOUNT, price
from bot.formatting.fit import fit_view
from bot.formatting.help_view import example_sections
from bot.formatting.layout import Section, Table, View
from bot.formatting.rates_view import card_label
from bot.formatting.verdict_wording import HELP
from bot.formatting.wording import listed, path_names, plural
from pricing.cards import AnyCard, Ended, RateBook, TinkerCard, TokenCard
from pricing.changes import CardGroup, Checked, RateChange, RateName, checked_on, recent_changes
from pricing.doubts import STALE_AFTER_DAYS

# Of so many changes so many rows are shown: a day on which a provider tidies up takes one row a model.
_CHANGES, _ROWS = 60, 12
_UNITS = "US dollars per 1M tokens or GPU-hour"
_GROUPS = {
    CardGroup.TINKER: "Tinker",
    CardGroup.SERVERLESS: "Fireworks Serverless",
    CardGroup.DEDICATED: "Fireworks Dedicated",
}
_RATES = {
    RateName.INPUT: "input",
    RateName.CACHED_INPUT: "cached",
    RateName.OUTPUT: "output",
    RateName.GPU_HOUR: "GPU-hour",
}
_ENDS = {Ended.RETIRED: "retired", Ended.UNKNOWN: "not seen any more", Ended.REPLACED: "replaced"}


def home_view(
    book: RateBook, *, today: date, models: Collection[str] = (), native: bool = True
) -> Block:
    """The Home tab of a day. `models` are those that the workspace asked about lately; none stands for all."""
    changes = recent_changes(book, on=today, models=models, limit=_CHANGES)
    parts = [
        header("What will these RL rollouts cost, where, and why?"),
        rich_text(HELP),
        *blocks(View(summary="", sections=tuple(example_sections(in_slack=True)))),
        {"type": "actions", "elements": [open_form()]},
        {"type": "divider"},
        header("Recent rate changes"),
        context(_scope(models)),
        *blocks(_changes_view(changes, native=native)),
        header("Age of the rates"),
        section("\n".join(_ages(checked_on(book, on=today), today)) or "No rate is known yet."),
        context("Computed from dated rate cards; no language model takes part."),
    ]
    return fit_view({"type": "home", "blocks": parts})


def _scope(models: Collection[str]) -> str:
    if not models:
        return "Of all covered models; once people here ask about some, of those."
    named = listed(sorted(models)[:_NAMED])
    more = f" and {len(models) - _NAMED:,} more" if len(models) > _NAMED else ""
    return (
        f"Of the models that this workspace asked about: {escaped(named)}{more}, and of GPU-hours."
    )


_NAMED = 5


def _changes_view(changes: Sequence[RateChange], *, native: bool) -> View:
    """A table, or lines where native tables are refused: as text the rows would be too wide."""
    rows = tuple(_rows(changes))[:_ROWS]
    if not rows:
        section = Section(lines=("None is known.",))
    elif native:
        header = ("Since", "Model", "Path", "Change")
        section = Section(title=_UNITS, table=Table(header=header, rows=rows, numeric=frozenset()))
    else:
        lines = tuple(f"{since} · {item} · {path}: {what}" for since, item, path, what in rows)
        section = Section(title=_UNITS, lines=lines)
    return View(summary="", sections=(section,))


def _rows(changes: Sequence[RateChange]) -> Iterator[tuple[str, str, str, str]]:
    """A row for what happened to one model on one day, with all the paths that it happened to."""
    cards: dict[tuple[str, str, str], list[AnyCard]] = {}
    for change in changes:
        card = change.after or change.before
        if card:
            item = card.model if isinstance(card, TokenCard) else card_label(card)
            cards.setdefault((str(change.on), item, _happened(change)), []).append(card)
    for (since, item, happened), alike in cards.items():
        yield since, item, _paths(alike), happened


def _paths(cards: Sequence[AnyCard]) -> str:
    """The paths of cards, Tinker's with their windows."""
    tinker = [card_label(card) for card in cards if isinstance(card, TinkerCard)]
    others = path_names(dict.fromkeys(c.key.path for c in cards if not isinstance(c, TinkerCard)))
    return ", ".join([*tinker, others] if others else tinker)


def _happened(change: RateChange) -> str:
    if change.ended:
        return _ENDS[change.ended]
    return ", ".join(
        f"{_RATES[rate]} {_usd(before)} → {_usd(after)}"
        for rate, before, after in change.differences
    )


def _usd(usd: Decimal | None) -> str:
    return NO_AMOUNT if usd is None else price(usd)


def _ages(checks: Mapping[CardGroup, Checked], today: date) -> Iterator[str]:
    for group, checked in checks.items():
        age = (today - checked.newest).days
        stale = f", over {STALE_AFTER_DAYS} days" if age > STALE_AFTER_DAYS else ""
        span = f"{checked.oldest} to {checked.newest}"
        days = str(checked.newest) if checked.oldest == checked.newest else span
        ago = f"{plural(age, 'day')} ago" if age else "today"
        yield f"*{_GROUPS[group]}* checked {days}, {ago}{stale}"
