"""The working in words: each formula, the numbers put in, the result and the card."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.answers import Answer, ModelAnswer
from bot.formatting.as_json import number as json_number
from bot.formatting.estimate_view import path_label, status_words
from bot.formatting.figures import money, number, percent, price, rounded
from bot.formatting.grounds import input_facts, inputs_of, preset_notes
from bot.formatting.layout import Section, Sourced
from bot.formatting.rates_view import card_rates
from bot.formatting.request_wording import field_words
from bot.formatting.verdict_wording import verdict_text
from bot.formatting.wording import caveat_text, listed, model_name
from bot.judged import Judged
from bot.model_caveats import caveats_of
from bot.steps import Name, PathWorking, Step
from bot.verdicts import Explained
from engine.caveats import (
    BillingPath,
    Caveat,
    ClusterTooSmall,
    DefaultsUsed,
    IdealPrefixCache,
    NotAQuote,
    NotOffered,
    OverflowDiffers,
    PhasesOverlap,
    SaturatedThroughput,
    ServerlessBaseModelOnly,
    StaleRates,
    TrainingExcluded,
    UncertainStart,
)
from engine.costs import Unpriced
from engine.exact import exact
from engine.parity import AtParLimits
from pricing.cards import AnyCard
from pricing.quotes import Quote


def working_text(answer: Answer) -> str:
    """The verdict on the run, of each model; and which run it is where several were asked for."""
    verdict = _explained(answer)
    several = len(answer.models) > 1
    sentences = []
    for entry, judged in zip(answer.models, verdict.runs, strict=True):
        alone = replace(answer, models=(entry,), verdict=judged, instead=None)
        name = f"{model_name(entry.model.label)}: " if several else ""
        sentences.append(name + verdict_text(alone))
    if verdict.narrowed:
        run = listed(field_words(field, value) for field, value in verdict.narrowed.items())
        sentences.append(f"Worked out for {run}, the first asked for.")
    return " ".join(sentences)


def _explained(answer: Answer) -> Explained:
    if not isinstance(answer.verdict, Explained):
        raise TypeError(f"{type(answer.verdict).__name__} is worded elsewhere")
    return answer.verdict


def working_sections(answer: Answer) -> Iterator[Section]:
    """Every step of every path, with its caveats beside it and the card below."""
    several = len(answer.models) > 1
    for entry in answer.models:
        model = f"{model_name(entry.model.label)} · " if several else ""
        for working in entry.working:
            quote = entry.quote(working.path) if working.path else None
            facts = [(_label(step), _worked(step, quote)) for step in working.steps]
            if working.path is BillingPath.DEDICATED and entry.at_par:
                facts += _unreachable(entry.at_par)
            yield Section(title=f"{model}{_title(quote)}", facts=tuple(facts))
            yield from _cards(working)
    yield from _closing(answer)


_SIDES = {"gpus": "GPUs", "prompt_tps": "prompt tok/s", "decode_tps": "decode tok/s"}


def _unreachable(limits: AtParLimits) -> Iterator[tuple[str, str]]:
    """What has no step, since no number of it alone brings the bill down to Tinker's."""
    if limits.unreachable:
        sides = listed((_SIDES[field] for field in limits.unreachable), last="or")
        yield "Unreachable", f"par with Tinker by {sides} alone, whatever the number"


# More paths than these that were named are for the whole working.
_MOST_IN_BRIEF = 2


def working_digest(answer: Answer) -> Iterator[Section]:
    """The same in brief, for a message: of each model the bills of the paths that were named, where those are few;
    otherwise of the cheapest, or of the first with an amount."""
    for entry, judged in zip(answer.models, _explained(answer).runs, strict=True):
        tokens = tuple(_in_brief(entry.working[0], None))
        model = model_name(entry.model.label)
        for path in _paths_in_brief(judged, answer.request.paths):
            working = next(each for each in entry.working if each.path is path)
            quote = entry.quote(path)
            facts = (*tokens, *_in_brief(working, quote))
            yield Section(title=f"{model} · {_title(quote)}", facts=facts)
            yield from _cards(working)
            tokens = ()
    if inputs := tuple(_inputs_of_all(answer)):
        yield Section(facts=inputs)
    closing = [
        caveat_text(c) for c in answer.caveats if isinstance(c, TrainingExcluded | NotAQuote)
    ]
    if closing:
        yield Section(lines=(" ".join(closing),))


def _paths_in_brief(judged: Judged, named: Sequence[str]) -> list[BillingPath]:
    most = len(named) if 0 < len(named) <= _MOST_IN_BRIEF else 1
    return [contender.path for contender in (*judged.offered, *judged.notional)][:most]


_IN_BRIEF = (
    Name.LAST_PROMPT,
    Name.PROMPTS,
    Name.CACHED,
    Name.DECODED,
    Name.PROMPT_BILL,
    Name.UNCACHED_BILL,
    Name.CACHED_BILL,
    Name.DECODE_BILL,
    Name.RUN,
    Name.TO_PREFILL,
    Name.TO_DECODE,
    Name.PREFILL,
    Name.DECODE,
    Name.OVERLAPPING,
    Name.IN_TURN,
)


def _in_brief(working: PathWorking, quote: Quote | None) -> Iterator[tuple[str, str]]:
    for step in working.steps:
        if step.name in _IN_BRIEF:
            yield _label(step), _with_caveats(_equation(step), step, quote)


def working_json(_answer: Answer, entry: ModelAnswer) -> dict[str, Any]:
    """The steps of what all paths share (`path` null) and of each path with an amount."""
    return {"working": [_working_json(working) for working in entry.working]}


def _working_json(working: PathWorking) -> dict[str, Any]:
    return {"path": working.path, "steps": [_step_json(step) for step in working.steps]}


def _step_json(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "formula": step.formula,
        "numbers": step.numbers,
        "value": json_number(step.value),
        "unit": step.unit,
        "card": step.card.id if step.card else None,
    }


def _title(quote: Quote | None) -> str:
    return f"{path_label(quote)} · {status_words(quote)}" if quote else "Tokens of an episode"


def _label(step: Step) -> str:
    return step.name[0].upper() + step.name[1:]


def _worked(step: Step, quote: Quote | None) -> str:
    """The formula, the numbers, the result; then what it leaves out."""
    return _with_caveats(f"{formula_words(step)} = {_equation(step)}", step, quote)


def _with_caveats(text: str, step: Step, quote: Quote | None) -> str:
    """A step with its caveats; without any it needs no stop."""
    beside = [words for caveat in step.caveats if (words := _beside(caveat, quote))]
    return " ".join([f"{text}.", *beside]) if beside else text


def formula_words(step: Step) -> str:
    """The formula, without the name that stands in front of it anyway."""
    return step.formula.removeprefix(f"{step.name} = ")


def _equation(step: Step) -> str:
    return f"{step.numbers} = {value_words(step)}"


_CENT = Decimal("0.01")


def value_words(step: Step) -> str:
    """A result as one reads it, with its unit."""
    value = step.value
    match step.unit:
        case "USD" | "USD/episode":
            return _dollars(value)
        case "share":
            return percent(value)
        case "times":
            return f"{rounded(value)}×"
        case "seconds" | "hours" | "GPU-hours":
            return f"{rounded(value)} {step.unit}"
        case _:
            return f"{number(value)} {step.unit}"


def _dollars(usd: Decimal) -> str:
    """Few places in full, many to the cent, so that who works it out again gets the cents."""
    with exact():
        short = usd == usd.quantize(_CENT**3)
        cents = usd.quantize(_CENT)
    if short:
        return price(usd)
    return price(cents) if usd >= 1 else money(usd)


def _beside(caveat: Caveat, quote: Quote | None) -> str:
    """A caveat where its figure stands: shorter than alone, since path and figure are said."""
    match caveat:
        case IdealPrefixCache(usd_without_hits=amounts):
            if quote is None:
                return "Every token sent before counts as a cache hit."
            usd = dict(amounts).get(quote.path)
            return f"Without any cache hit: {money(usd)}." if usd is not None else ""
        case SaturatedThroughput():
            return "The throughput is that of a cluster kept full; idle hours cost the same."
        case ServerlessBaseModelOnly():
            return "No LoRA of your own is served there."
        case StaleRates(verified_on=day, age_days=age):
            return f"Rates last checked on {day}, {age:,} days ago."
        case NotOffered(reason=reason) if quote is not None:
            return caveat_text(NotOffered(paths=(quote.path,), reason=reason))
        case OverflowDiffers():
            return "Windows differ: where one truncates, the episodes are no longer alike."
        case _:
            return caveat_text(caveat)


def _cards(working: PathWorking) -> Iterator[Section]:
    """The cards behind some steps, each once; nothing without any."""
    cards = {step.card.id: step.card for step in working.steps if step.card}
    if cards:
        yield Section(lines=tuple(_card(card) for card in cards.values()))


def _card(card: AnyCard) -> Sourced:
    """The card by its id, with its rates, its days and its page."""
    until = f" to {card.effective_to}" if card.effective_to else ""
    held = f"{'since ' if not until else ''}{card.effective_from}{until}"
    text = f"Card {card.id}: {card_rates(card)}, {held}, checked {card.verified_on}"
    return Sourced(text, card.source_url)


def _closing(answer: Answer) -> Iterator[Section]:
    """What the run rests on, paths without an amount, and what is about every figure."""
    if inputs := tuple(_inputs_of_all(answer)):
        yield Section(facts=inputs)
    steps = (step for entry in answer.models for w in entry.working for step in w.steps)
    beside = {caveat for step in steps for caveat in step.caveats}
    left = [
        caveat
        for caveat in answer.caveats
        if caveat not in beside and not _is_shown_elsewhere(caveat, answer)
    ]
    left.sort(key=lambda caveat: isinstance(caveat, NotAQuote))
    notes = (*preset_notes(answer), *(_note(caveat, answer) for caveat in left))
    if notes:
        yield Section(title="Notes", lines=notes)


# Worked out as a step of its own, said by the verdict, or listed above the notes.
_SHOWN_ELSEWHERE = (PhasesOverlap, ClusterTooSmall, DefaultsUsed)


def _is_shown_elsewhere(caveat: Caveat, answer: Answer) -> bool:
    """Whether another line says it: of a path without a rate its reason says from when one is known."""
    if isinstance(caveat, UncertainStart):
        quotes = [entry.quote(caveat.path) for entry in answer.models]
        return all(isinstance(quote.priced, Unpriced) for quote in quotes)
    return isinstance(caveat, _SHOWN_ELSEWHERE)


def _note(caveat: Caveat, answer: Answer) -> str:
    """A caveat as a sentence, before it the models that it is about if not all."""
    about = [
        model_name(entry.model.label)
        for entry in answer.models
        if caveat in caveats_of(answer, entry)
    ]
    whose = f"{listed(about)}: " if len(about) < len(answer.models) else ""
    return f"{whose}{caveat_text(caveat)}"


def _inputs_of_all(answer: Answer) -> Iterator[tuple[str, str]]:
    """What the run rests on, each under its label: what was said, what a preset gave, and what was taken by default,
    which may differ from model to model."""
    if not answer.models:
        return
    inputs = [inputs_of(answer, entry) for entry in answer.models]
    said, by_default = inputs[0]
    shared = [words for words in by_default if all(words in own for _, own in inputs)]
    yield from input_facts(answer, said, shared)
    for entry, (_, own) in zip(answer.models, inputs, strict=True):
        if rest := [words for words in own if words not in shared]:
            yield f"{model_name(entry.model.label)}", f"by default {', '.join(rest)}"
