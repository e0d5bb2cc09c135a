"""An answer on one page of Markdown, to hand on: what it comes to, on which rates, and how long that holds."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.answers import Answer, ModelAnswer
from bot.formatting.layout import Sourced, Table
from bot.formatting.rates_view import card_label, card_rates
from bot.formatting.shapes_view import preset_note
from bot.formatting.verdict_wording import verdict_text
from bot.formatting.views import view
from bot.formatting.wording import caveat_text, listed, model_name, plural
from bot.formatting.working_view import input_facts
from bot.verdicts import Compared, Explained, Judged, Limited, Listed, Solved, Swept
from engine.caveats import DefaultsUsed, FixedThroughput, NotAQuote
from engine.costs import Offered, Unpriced
from pricing.cards import AnyCard, Ended, GpuCard, RateCard
from pricing.doubts import STALE_AFTER_DAYS
from pricing.quotes import Quote

_QUOTED = (Judged, Compared, Swept, Limited, Solved, Explained, Listed)


def to_quote(answer: Answer) -> str:
    """An answer as a page of Markdown; empty where it holds no figures. Nothing that was typed is markup in it."""
    if not isinstance(answer.verdict, _QUOTED) or not (answer.models or answer.cards):
        return ""
    blocks = [
        f"# {_escaped(_title(answer))}",
        f"Made on {answer.today} · rates of {answer.as_of} · an estimate from published rates, not an offer",
        f"**{_escaped(verdict_text(answer))}**",
        *_tables(answer),
        *_listed_under("Rates", _rate_lines(answer)),
        *_listed_under("Assumptions", _assumption_lines(answer)),
        *_listed_under("Not included, or to be known", _caveat_lines(answer)),
        *_listed_under("Valid until", _validity_lines(answer)),
    ]
    return "\n\n".join(blocks) + "\n"


def _title(answer: Answer) -> str:
    names = listed(model_name(entry.model.label) for entry in answer.models[:_MOST_NAMED])
    if len(answer.models) > _MOST_NAMED:
        names = plural(len(answer.models), "model")
    run = ""
    if answer.workload:
        turns = plural(answer.workload.shape.turns, "turn")
        run = f": {plural(answer.workload.episodes, 'episode')} of {turns}"
    match answer.verdict:
        case Listed():
            return "Rate cards"
        case Swept(fields=fields):
            return f"Rollouts of {names} by {listed(field.replace('_', ' ') for field in fields)}"
        case Limited():
            return f"At-par limits of {names}{run}"
        case Solved(field=field):
            return f"Rollouts of {names}, solved for {field.replace('_', ' ')}"
        case _:
            return f"Rollouts of {names}{run}"


_MOST_NAMED = 3


def _tables(answer: Answer) -> Iterator[str]:
    """The tables of the answer; of an explanation those of the runs that it explains."""
    for shown in _priced(answer):
        for section in view(shown).sections:
            if section.table:
                title = f"## {_escaped(section.title)}\n\n" if section.title else ""
                yield f"{title}{_table(section.table)}"


def _priced(answer: Answer) -> Iterator[Answer]:
    if not isinstance(answer.verdict, Explained):
        yield answer
        return
    for entry, judged in zip(answer.models, answer.verdict.runs, strict=True):
        yield replace(answer, models=(entry,), verdict=judged)


def _table(table: Table) -> str:
    rules = ["---:" if column in table.numeric else "---" for column in range(len(table.header))]
    rows = [[_cell(str(cell)) for cell in row] for row in (table.header, *table.rows)]
    header, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([header, f"| {' | '.join(rules)} |", *body])


def _listed_under(title: str, lines: Iterator[str]) -> Iterator[str]:
    """Lines as a list under a heading; nothing without any."""
    if bullets := [f"- {line}" for line in lines]:
        yield "\n".join([f"## {title}", "", *bullets])


def _rate_lines(answer: Answer) -> Iterator[str]:
    for rated in _rated(answer):
        card = rated.card
        until = f" to {card.effective_to}" if card.effective_to else ""
        held = f"{'from' if until else 'since'} {card.effective_from}{until}"
        said = _escaped(f"{rated.label}: {card_rates(card)}, {held}, checked {card.verified_on}")
        yield f"{said}; card `{card.id}`, <{card.source_url}>"


# Whoever gets the page is not who asked.
_MARKS = {"You said": "Said", "By default": "Default"}


def _assumption_lines(answer: Answer) -> Iterator[str]:
    if isinstance(answer.verdict, Listed):
        return
    for label, text in input_facts(answer):
        mark = _MARKS.get(label) or label.replace("From ", "Preset ", 1)
        yield f"**{_escaped(mark)}**: {_escaped(text)}"
    if answer.preset and answer.preset_fields:
        note = preset_note(answer.preset)
        page = f" <{note.url}>" if isinstance(note, Sourced) else ""
        yield f"{_escaped(note.text if isinstance(note, Sourced) else note)}{page}"


def _caveat_lines(answer: Answer) -> Iterator[str]:
    elsewhere: tuple[type, ...] = (DefaultsUsed, NotAQuote)
    if not isinstance(answer.verdict, Limited):
        elsewhere = (*elsewhere, FixedThroughput)
    for caveat in answer.caveats:
        if not isinstance(caveat, elsewhere):
            yield _escaped(caveat_text(caveat))


@dataclass(frozen=True, slots=True)
class _Rated:
    """A card that the figures rest on, by a name; `offered` where it can be bought from."""

    label: str
    card: AnyCard
    offered: bool


def _rated(answer: Answer) -> tuple[_Rated, ...]:
    """Each card once."""
    if isinstance(answer.verdict, Listed):
        return tuple(
            _Rated(_card_name(c.card, several=True), c.card, c.in_force) for c in answer.cards
        )
    several = len(answer.models) > 1
    found: dict[str, _Rated] = {}
    for quote in _shown_quotes(answer):
        card, offered = quote.card, isinstance(quote.priced, Offered)
        if card and not isinstance(quote.priced, Unpriced):
            before = found.get(card.id)
            offered = offered or (before is not None and before.offered)
            found[card.id] = _Rated(_card_name(card, several=several), card, offered)
    return tuple(found.values())


def _shown_quotes(answer: Answer) -> Iterator[Quote]:
    """The paths whose figures the page shows: of a comparison the cheapest of each model."""
    if isinstance(answer.verdict, Compared):
        yield from (entry.quote(entry.cheapest) for entry in answer.models if entry.cheapest)
    else:
        yield from _quotes(answer.models)


def _card_name(card: AnyCard, *, several: bool) -> str:
    """`Tinker 128K`, with its model where there are several; GPUs belong to none."""
    if isinstance(card, GpuCard):
        return f"Dedicated, {card_label(card)}"
    return f"{card.model}, {card_label(card)}" if several else card_label(card)


def _quotes(models: Sequence[ModelAnswer]) -> Iterator[Quote]:
    for entry in models:
        yield from entry.quotes
        for point in entry.points:
            yield from point.quotes


def _validity_lines(answer: Answer) -> Iterator[str]:
    """The first day on which something known changes; else 30 days after the oldest check."""
    rated = _rated(answer)
    changes = [*_ends(rated, answer.as_of), *_starts(answer)]
    # What can be bought decides; where nothing can, what the amounts rest on.
    checked = [r for r in rated if r.offered] or list(rated)
    if changes:
        day, why = min(changes)
    elif checked:
        oldest = min(checked, key=lambda r: r.card.verified_on)
        day = oldest.card.verified_on + timedelta(days=STALE_AFTER_DAYS)
        why = (
            f"{STALE_AFTER_DAYS} days after the oldest check of a rate in it "
            f"({oldest.label}, {oldest.card.verified_on})"
        )
    else:
        return
    passed = (
        " That day has passed: check the rates before relying on it." if day <= answer.today else ""
    )
    yield f"**{day}**: {_escaped(why)}.{passed}"


Change = tuple[date, str]


def _ends(rated: Sequence[_Rated], as_of: date) -> Iterator[Change]:
    """Cards that are known to end: replaced by another rate, or for good."""
    for each in rated:
        last = each.card.effective_to
        if last is not None and last >= as_of:
            replaced = each.card.ended is Ended.REPLACED
            what = "another rate holds" if replaced else "the rate ends"
            yield last + timedelta(days=1), f"from that day {each.label}: {what}"


def _starts(answer: Answer) -> Iterator[Change]:
    """Rates that are known to begin where there is none yet."""
    for quote in _quotes(answer.models):
        card: RateCard | None = quote.coming
        if card is not None and card.effective_from > answer.as_of:
            yield (
                card.effective_from,
                f"from that day a rate of {quote.path.replace('_', ' ')} holds",
            )


_CODE = re.compile(r"(`[^`\n]+`)")
_MARKUP = re.compile(r"([\\`*_\[\]<>|&])")


def _escaped(text: str) -> str:
    """Text of one line in which nothing is markup but code in back-ticks."""
    pieces = _CODE.split(" ".join(text.split()))
    return "".join(
        piece if odd % 2 else _MARKUP.sub(r"\\\1", piece) for odd, piece in enumerate(pieces)
    )


def _cell(text: str) -> str:
    """A table's cell: there a bar ends it within code too."""
    pieces = _CODE.split(" ".join(text.split()))
    return "".join(
        piece.replace("|", r"\|") if odd % 2 else _MARKUP.sub(r"\\\1", piece)
        for odd, piece in enumerate(pieces)
    )
