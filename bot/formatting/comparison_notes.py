"""What a comparison rests on: what was said and taken by default, what the amounts leave out, and their rates."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from bot.answers import Answer, ModelAnswer
from bot.formatting.figures import money, number, percent
from bot.formatting.grounds import episode_facts, held_words, input_facts, shape_values
from bot.formatting.layout import Line, Sourced
from bot.formatting.request_wording import field_words
from bot.formatting.wording import caveat_text, listed, model_name, path_names, plural, variant_name
from bot.judged import Contender
from bot.requests.request import Field, number_of
from bot.verdicts import Compared, Ranked
from engine.caveats import (
    BillingPath,
    Caveat,
    ClusterTooSmall,
    DefaultsUsed,
    HeldForReview,
    IdealPrefixCache,
    NotAQuote,
    PhasesOverlap,
    ReplicasScaleLinearly,
    SaturatedThroughput,
    StaleRates,
    ThroughputUnusual,
    UncertainStart,
    WindowUnknown,
)
from pricing.cards import AnyCard
from pricing.catalogue import Model
from pricing.doubts import age_days, is_stale

# More names than these are counted.
_SPELLED_OUT = 3

_LONGEST_NAME = 28


def entry_of(answer: Answer, model: Model) -> ModelAnswer:
    return next(entry for entry in answer.models if entry.model is model)


def on_path(ranked: Ranked) -> str:
    return f"{short_name(ranked.model)} on {path_of(ranked.best)}"


def short_name(model: Model) -> str:
    """A model by its name, or by its shorter key where the name would fill a row."""
    name = model_name(model.label)
    return name if len(name) <= _LONGEST_NAME else min(name, model.key, key=len)


def path_of(contender: Contender) -> str:
    return variant_name(contender.path, contender.variant)


def comparison_facts(answer: Answer) -> Iterator[tuple[str, str]]:
    said = [field_words(field, value) for field, value in answer.request.fields.items()]
    if answer.request.paths:
        said.append(f"on {path_names(answer.request.paths)} only")
    said += [f"{words} (worked out)" for words in _worked_out(answer)]
    yield from input_facts(answer, said, [*_by_default(answer)])
    yield from episode_facts(answer)


def _worked_out(answer: Answer) -> Iterator[str]:
    """What follows from a tool result and the rest."""
    elsewhere = {*answer.request.fields, *answer.defaults, *answer.preset_fields}
    for field, value in shape_values(answer).items():
        if field not in elsewhere:
            yield field_words(field, value)


_OF_CLUSTER = {
    Field.GPUS: "GPUs",
    Field.GPU_TYPE: "GPU type",
    Field.PROMPT_TPS: "prompt tok/s",
    Field.DECODE_TPS: "decode tok/s",
}


def _by_default(answer: Answer) -> Iterator[str]:
    for field, value in shape_values(answer).items():
        if field in answer.defaults:
            yield field_words(field, value)
    of_cluster = [words for field, words in _OF_CLUSTER.items() if field in answer.defaults]
    if len(of_cluster) == len(_OF_CLUSTER):
        yield "each model's own cluster and throughput"
    elif of_cluster:
        yield f"the {listed(of_cluster)} of each model's own cluster"
    if Field.AS_OF in answer.defaults:
        yield "today's rates"


# Said by the facts and by the lines of rates, and at the very end.
_SHOWN_ELSEWHERE = (DefaultsUsed, StaleRates, NotAQuote)

# Whose sentences are about one model, and do not say which.
_ABOUT_A_MODEL = (
    ClusterTooSmall,
    HeldForReview,
    ReplicasScaleLinearly,
    SaturatedThroughput,
    ThroughputUnusual,
    UncertainStart,
    WindowUnknown,
)


def comparison_notes(answer: Answer, verdict: Compared) -> tuple[str, ...]:
    """The caveats, each once for all models; the disclaimer closes the last of them."""
    kinds = dict.fromkeys(type(caveat) for caveat in answer.caveats)
    notes = [*_one_throughput(answer)]
    notes += [
        note
        for kind in kinds
        if not issubclass(kind, _SHOWN_ELSEWHERE)
        for note in _notes_of(kind, answer, verdict)
    ]
    closing = [caveat_text(caveat) for caveat in answer.caveats if isinstance(caveat, NotAQuote)]
    return (*notes[:-1], " ".join([*notes[-1:], *closing]))


def _one_throughput(answer: Answer) -> Iterator[str]:
    """That a throughput which was said stands for all models, though each has one of its own on the same GPUs."""
    clusters = [entry.quote(BillingPath.DEDICATED) for entry in answer.models]
    asked = not answer.request.paths or BillingPath.DEDICATED in answer.request.paths
    if not asked or sum(quote.priced.estimate is not None for quote in clusters) < 2:
        return
    said = [
        f"{number(tps)} {which}"
        for field, which in ((Field.PROMPT_TPS, "prompt"), (Field.DECODE_TPS, "decode"))
        if (tps := number_of(answer.request.fields, field)) is not None
    ]
    if said:
        yield (
            f"The {listed(said)} tok/s that you said are taken for every model on Dedicated, though the same GPUs serve "
            "each model at a speed of its own."
        )


def _notes_of(kind: type[Caveat], answer: Answer, verdict: Compared) -> Iterator[str]:
    """The sentences of one kind of caveat, after the models that each is about."""
    having: dict[str, list[Ranked]] = {}
    for ranked in verdict.ranked:
        for caveat in ranked.caveats:
            if type(caveat) is kind:
                having.setdefault(caveat_text(caveat), []).append(ranked)
    alike = [ranked for models in having.values() for ranked in models]
    if kind is PhasesOverlap:
        yield _overlap(alike)
    elif kind is IdealPrefixCache:
        yield _without_cache(answer, verdict)
    elif kind is SaturatedThroughput and len(having) > 1:
        yield _saturated(verdict.ranked)
    elif kind is UncertainStart and len(having) > 1:
        yield (
            f"{_names(alike)}: the first day of these rates is not known, and on {answer.as_of} they may not have "
            "held yet."
        )
    else:
        for text, models in having.items():
            whose = f"{_names(models)}: " if kind in _ABOUT_A_MODEL else ""
            yield f"{whose}{text}"


def _names(ranked: Sequence[Ranked]) -> str:
    names = [short_name(each.model) for each in ranked]
    if len(names) <= _SPELLED_OUT:
        return listed(names)
    return f"{', '.join(names[:_SPELLED_OUT])} and {plural(len(names) - _SPELLED_OUT, 'other')}"


def _overlap(ranked: Sequence[Ranked]) -> str:
    """What the dedicated amounts become without any overlap."""
    amounts = ", ".join(f"{short_name(each.model)} {_in_turn(each)}" for each in ranked)
    return f"Dedicated lets prefill and decode overlap fully. If they take turns: {amounts}."


def _in_turn(ranked: Ranked) -> str:
    best, ceiling = ranked.best, ranked.ceiling
    if ceiling.path is best.path:
        return money(best.usd_high)
    return f"{money(best.usd_high)} (beside {money(ceiling.usd_high)} on {path_of(ceiling)})"


def _saturated(ranked: Sequence[Ranked]) -> str:
    """The throughput of each cluster in one sentence."""
    models: dict[str, list[str]] = {}
    for each in ranked:
        for caveat in each.caveats:
            if isinstance(caveat, SaturatedThroughput):
                tps = f"{number(caveat.prompt_tps)} and {number(caveat.decode_tps)}"
                models.setdefault(tps, []).append(short_name(each.model))
    clusters = "; ".join(f"{tps} for {listed(names)}" for tps, names in models.items())
    return f"Prompt and decode tok/s are those of clusters kept full, whose idle hours cost the same: {clusters}."


def _without_cache(answer: Answer, verdict: Compared) -> str:
    """Which model would be cheapest if no prompt token were a cache hit."""
    usd, cheapest, contender = min(
        (
            (estimate.usd_without_cache_hits, ranked, contender)
            for ranked in verdict.ranked
            for contender in ranked.judged.offered
            if (estimate := entry_of(answer, ranked.model).quote(contender.path).priced.estimate)
        ),
        key=lambda choice: choice[0],
    )
    first = verdict.ranked[0]
    still = cheapest is first and contender is first.best
    of_those = " of these" if answer.request.paths else ""
    share = percent(answer.tokens.cache_hit_rate) if answer.tokens else ""
    return (
        f"Every token sent before counts as a cache hit ({share}). Without any hit {short_name(cheapest.model)} on "
        f"{path_of(contender)} would {'still ' if still else ''}be cheapest{of_those}, at {money(usd)}."
    )


def comparison_rates(answer: Answer, verdict: Compared) -> Iterator[Line]:
    """Each page once, with the rates that the ranking takes from it."""
    pages: dict[str, list[tuple[Ranked, AnyCard]]] = {}
    for ranked in verdict.ranked:
        card = entry_of(answer, ranked.model).quote(ranked.best.path).card
        if card is not None:
            pages.setdefault(card.source_url, []).append((ranked, card))
    for url, rated in pages.items():
        checked = _checked([card for _, card in rated], answer.today)
        yield Sourced(f"{'; '.join(_rates_of(rated))}; {checked}", url)


def _rates_of(rated: Iterable[tuple[Ranked, AnyCard]]) -> Iterator[str]:
    """Rates that several models share stand once."""
    models: dict[tuple[str, str], list[str]] = {}
    for ranked, card in rated:
        models.setdefault((path_of(ranked.best), held_words(card)), []).append(
            short_name(ranked.model)
        )
    for (path, held), names in models.items():
        yield f"{listed(names)} on {path}: {held}"


def _checked(cards: Sequence[AnyCard], today: date) -> str:
    """When a page was last seen to say so, and how long ago that is once it is long."""
    days = sorted({card.verified_on for card in cards})
    when = str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"
    ages = [age_days(card, today=today) for card in cards if is_stale(card, today=today)]
    up_to = "up to " if len(days) > 1 else ""
    return f"checked {when}" + (f", {up_to}{max(ages):,} days ago" if ages else "")
