"""An answer on one page of Markdown, to hand on: what it comes to, on which rates, and how long that holds.

The page has the words of the answer's view, so that nothing stands here without what it is about there. Only what whoever
asked had before them is said anew: what was assumed, what is not included, and every rate by its card.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.answers import Answer
from bot.formatting.grounds import preset_notes, rate_line
from bot.formatting.layout import Section
from bot.formatting.markdown import bullets, escaped, fact, line, table
from bot.formatting.rates_view import card_label, key_label
from bot.formatting.sweep_words import field_name
from bot.formatting.verdict_wording import verdict_text
from bot.formatting.views import view
from bot.formatting.wording import caveat_text, listed, model_name, plural
from bot.judged import Judged
from bot.model_caveats import caveats_of
from bot.validity import Doubt, cards_behind, valid_until
from bot.verdicts import Compared, Explained, Limited, Listed, Solved, Swept
from engine.caveats import NotAQuote, TrainingExcluded
from pricing.cards import AnyCard, CardPath, GpuCard, RateCard
from pricing.doubts import STALE_AFTER_DAYS

_Said = TypeVar("_Said")

_QUOTED = (Judged, Compared, Swept, Limited, Solved, Explained, Listed)


def to_quote(answer: Answer) -> str:
    """An answer as a page of Markdown; empty where it holds no figures. Nothing that was typed is markup in it."""
    if not isinstance(answer.verdict, _QUOTED) or not cards_behind(answer):
        return ""
    views = [*_views(_without_disclaimer(answer))]
    sections = [section for _, shown in views for section in shown]
    if not any(section.table for section in sections):
        return ""
    priced = not isinstance(answer.verdict, Listed)
    told = [f"**{escaped(verdict_text(answer))}**", *_figures(sections)]
    blocks = [
        f"# {escaped(_title(answer))}",
        _made(answer, "an estimate from published rates" if priced else "list prices as published"),
        *told,
        *_under("Rates" if priced else "Cards", _rate_lines(answer)),
        *_under("Assumptions", _assumptions(answer, views) if priced else ()),
        *_under("Not included", _NOT_INCLUDED if priced else ()),
        *_under("To be known", (*_notes(answer, views), *_words_used("\n".join(told)))),
        *_under("Valid until", _validity(answer)),
    ]
    return "\n\n".join(blocks) + "\n"


def _made(answer: Answer, kind: str) -> str:
    """When the page was made and until when it holds, of which day its rates are, and what it is."""
    until = valid_until(answer)
    pieces = [f"Made on {answer.today}", f"rates of {answer.as_of}", f"{kind}, not an offer"]
    if until and until.day < answer.today:
        pieces.insert(1, f"**valid until {until.day}, which has passed**")
    elif until:
        pieces.insert(1, f"valid until {until.day}")
    return " · ".join(pieces)


def _without_disclaimer(answer: Answer) -> Answer:
    """The page says what it is in its second line."""
    kept = tuple(c for c in answer.caveats if not isinstance(c, NotAQuote))
    verdict = answer.verdict
    if isinstance(verdict, Swept):
        at_points = tuple(c for c in verdict.caveats if not isinstance(c.caveat, NotAQuote))
        verdict = replace(verdict, caveats=at_points)
    return replace(answer, caveats=kept, verdict=verdict)


_Views = Sequence[tuple[str, Sequence[Section]]]
"""The parts of an answer by the model that they are about, `` for all of them."""


def _views(answer: Answer) -> Iterator[tuple[str, Sequence[Section]]]:
    """A view for each model, since each has its own cluster; of an explanation that of the run that it explains."""
    verdict = answer.verdict
    if isinstance(verdict, Compared | Listed):
        yield "", view(answer).sections
        return
    for nth, entry in enumerate(answer.models):
        alone = replace(answer, models=(entry,), caveats=caveats_of(answer, entry))
        if isinstance(verdict, Explained):
            alone = replace(alone, verdict=verdict.runs[nth])
        elif isinstance(verdict, Limited):
            alone = replace(alone, verdict=replace(verdict, runs=(verdict.runs[nth],)))
        yield model_name(entry.model.label), view(alone).sections


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
            keys = answer.request.models
            return f"Rate cards of {listed(keys)}" if 0 < len(keys) <= _MOST_NAMED else "Rate cards"
        case Swept(fields=fields):
            return f"Rollouts of {names} by {listed(field_name(field) for field in fields)}"
        case Limited():
            return f"At-par limits of {names}{run}"
        case Solved(field=field):
            return f"Rollouts of {names}: how many {field_name(field)}"
        case _:
            return f"Rollouts of {names}{run}"


_MOST_NAMED = 3

# Titles and labels of a view whose contents the page has under headings of its own.
_NOTES, _RATES = "Notes", ("Rates", "Sources")
_MARKS = {"You said": "Said", "By default": "Default"}


def _figures(sections: Sequence[Section]) -> Iterator[str]:
    """The tables of the answer with what stands beside them, and its lines but for notes and rates."""
    for section in sections:
        facts = [(label, text) for label, text in section.facts if _mark(label) is None]
        said = [line(each) for each in section.lines]
        pieces = [
            table(section.table) if section.table else "",
            bullets(fact(label, text) for label, text in facts),
            bullets(said) if section.title else "\n\n".join(said),
        ]
        if any(pieces) and not _is_elsewhere(section.title):
            title = section.title or (_OF_THE_RUN if facts else "")
            heading = f"## {escaped(title)}" if title else ""
            yield "\n\n".join(filter(None, (heading, *pieces)))


def _is_elsewhere(title: str) -> bool:
    """Whether the page has this part under a heading of its own; several models have theirs behind the title."""
    return title.partition(" · ")[0] in (_NOTES, *_RATES)


# What a view says of the run without a title.
_OF_THE_RUN = "The run"


def _mark(label: str) -> str | None:
    """Whose an input is, by the label that the view gives it: said, the default, or a preset's; None for other facts."""
    if label.startswith(_FROM):
        return label.replace(_FROM, "Preset ", 1)
    return _MARKS.get(label)


_FROM = "From "


def _under(title: str, items: Sequence[str] | Iterator[str]) -> Iterator[str]:
    """Pieces of Markdown as a list under a heading; nothing without any."""
    if listing := bullets(items):
        yield f"## {title}\n\n{listing}"


def _rate_lines(answer: Answer) -> Iterator[str]:
    """Each card with its rates, days and source; where a table has the rates already, with its source alone."""
    several = len(answer.models) > 1 or isinstance(answer.verdict, Listed)
    for behind in cards_behind(answer):
        card = behind.card
        name = _card_name(card, several=several)
        of = f"card `{card.id}`, <{card.source_url}>"
        if isinstance(answer.verdict, Listed):
            yield f"{escaped(name)}: {of}"
            continue
        yield f"{escaped(rate_line(name, card, today=answer.today).text)}; {of}"


def _card_name(card: AnyCard, *, several: bool) -> str:
    """`Tinker 128K`, with its model where there are several; GPUs belong to none."""
    if isinstance(card, GpuCard):
        return _key_name(card)
    return f"{card.model}, {card_label(card)}" if several else card_label(card)


def _key_name(card: RateCard) -> str:
    prefix = "Dedicated, " if card.key.path is CardPath.DEDICATED else ""
    return f"{prefix}{key_label(card.key)}"


def _assumptions(answer: Answer, views: _Views) -> Iterator[str]:
    """What was said, what a preset gave and what was taken by default; with its model where models differ in it."""
    inputs = [
        (model, (mark, text))
        for model, sections in views
        for section in sections
        for label, text in section.facts
        if (mark := _mark(label))
    ]
    for (mark, text), models in _whose(inputs).items():
        own = f", {listed(models)}" if len(models) < len(views) else ""
        yield fact(f"{mark}{own}", text)
    for note in preset_notes(answer):
        yield line(note)


def _whose(said: Iterable[tuple[str, _Said]]) -> dict[_Said, list[str]]:
    """What is said of several models, each once, with the models that it is said of."""
    whose: dict[_Said, list[str]] = {}
    for model, what in said:
        whose.setdefault(what, []).append(model)
    return whose


# docs/formulas.md names the same under what each formula leaves out.
_TRAINING = caveat_text(TrainingExcluded())
_NOT_INCLUDED = (
    _TRAINING,
    "Idle GPU-hours, storage, failed and repeated requests, taxes, and discounts of one's own.",
)


def _notes(answer: Answer, views: _Views) -> Iterator[str]:
    """The notes of the view, each once with its model if not all have it, but for what other parts of the page say."""
    elsewhere = (*preset_notes(answer), _TRAINING)
    notes = [
        (model, note)
        for model, sections in views
        for section in sections
        if section.title.partition(" · ")[0] == _NOTES
        for note in section.lines
    ]
    for note, models in _whose(notes).items():
        if note not in elsewhere:
            own = f"{escaped(listed(models))}: " if len(models) < len(views) else ""
            yield f"{own}{line(note)}"


# What somebody who did not ask may not know.
_WORDS = {
    "notional": "*notional* is what a path would cost that cannot be bought as asked",
    "binds": "the phase that *binds* is the longer one, which sets the hours",
    "at par": "bills *at par* are the same, to within 5% where a sentence says so",
    "phases add": "*phases add* where prefill and decode take turns",
}


def _words_used(said: str) -> Iterator[str]:
    """One line for the words of the page that need one."""
    lower = said.lower()
    meant = dict.fromkeys(meaning for word, meaning in _WORDS.items() if word in lower)
    if meant:
        yield f"Words used: {'; '.join(meant)}."


def _validity(answer: Answer) -> Iterator[str]:
    until = valid_until(answer)
    if until is None:
        return
    name = _key_name(until.card)
    after = {
        Doubt.UNCHECKED: f"{STALE_AFTER_DAYS} days after the oldest check of a rate {_checked(answer)} ({name}, {until.card.verified_on})",
        Doubt.REPLACED: f"from the next day on another rate of {name} holds",
        Doubt.ENDED: f"after that day the rate of {name} ends",
        Doubt.BEGINS: f"from the next day on there is a rate of {name}",
    }
    passed = " That day has passed: check the rates before relying on it."
    yield f"**{until.day}**: {escaped(after[until.doubt])}.{passed if until.day < answer.today else ''}"


def _checked(answer: Answer) -> str:
    """Which rates count by the day of their check: those that hold of a list, else those on offer, or all without any."""
    if not any(behind.offered for behind in cards_behind(answer)):
        return "in it"
    return "in force" if isinstance(answer.verdict, Listed) else "on offer"
