"""One run, priced: fields -> workload and cluster -> the five paths of a model, with what their amounts leave out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answers import SHAPE_DEFAULTS, Answer, Asking, ModelAnswer, gpu_type_of
from bot.judged import Judged, judge
from bot.presets import preset_fields_of, preset_values
from bot.requests.request import Field, Request, Value, number_of, whole_of
from engine.caveats import (
    BillingPath,
    Caveat,
    ClusterTooSmall,
    DecodeExceedsAdded,
    DefaultsUsed,
    FixedThroughput,
    NotAQuote,
    ServerlessBaseModelOnly,
    TrainingExcluded,
)
from engine.costs import DedicatedEstimate, Unpriced, formula_caveats
from engine.parity import AtParLimits, at_par
from engine.workload import EpisodeShape, Workload, count_tokens
from pricing.catalogue import Catalogue, Model
from pricing.clusters import ClusterRequest, cluster_caveats
from pricing.doubts import not_offered, rate_doubts, window_doubts
from pricing.quotes import SERVERLESS_PATHS, Quote, quote_model
from pricing.shapes import Shape

if TYPE_CHECKING:
    from bot.moved import PublishedAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedRun:
    """One run of one model, priced on its five paths, with what the amounts rest on and leave out."""

    workload: Workload
    entry: ModelAnswer
    verdict: Judged
    defaults: tuple[Field, ...]
    caveats: tuple[Caveat, ...]
    preset_fields: tuple[Field, ...] = ()


def estimated(request: Request, asking: Asking, *, published: bool = False) -> Answer:
    """The answer to an estimate: one model, one value a field."""
    model = asking.catalogue.get(request.models[0])
    run = priced_run(request.fields, model, asking, paths=request.paths)
    return Answer(
        request=request,
        as_of=asking.as_of,
        today=asking.today,
        verdict=run.verdict,
        workload=run.workload,
        defaults=run.defaults,
        models=(run.entry,),
        caveats=run.caveats,
        published=_published(model, run, request.fields) if published else None,
    )


def priced_run(
    fields: Mapping[Field, Value], model: Model, asking: Asking, *, paths: Sequence[str] = ()
) -> PricedRun:
    """Price the run that some fields describe, each with one value; what they leave open has its default.

    The verdict is on `paths`, or on all five.
    """
    workload, shape_defaults = workload_of(fields, asking.preset)
    quotes = quote_model(
        model, workload, cluster=cluster_of(fields), book=asking.book, on=asking.as_of
    )
    verdict = judge(
        quotes,
        budget_usd=number_of(fields, Field.BUDGET_USD),
        deadline_hours=number_of(fields, Field.DEADLINE_HOURS),
        paths=paths,
    )
    entry = ModelAnswer(
        model=model, quotes=quotes, cheapest=verdict.cheapest, at_par=dedicated_at_par(quotes)
    )
    defaults = defaults_of(fields, shape_defaults, entry)
    return PricedRun(
        workload=workload,
        entry=entry,
        verdict=verdict,
        defaults=defaults,
        caveats=_every_caveat(entry, workload, defaults, quotes, asking),
        preset_fields=preset_fields_of(fields, asking.preset),
    )


def caveats_resting_on(
    quotes: Sequence[Quote], run: PricedRun, asking: Asking
) -> tuple[Caveat, ...]:
    """The caveats of a run, with the doubts about the rates of other quotes than its own."""
    return _every_caveat(run.entry, run.workload, run.defaults, quotes, asking)


def _every_caveat(
    entry: ModelAnswer,
    workload: Workload,
    defaults: tuple[Field, ...],
    quotes: Sequence[Quote],
    asking: Asking,
) -> tuple[Caveat, ...]:
    doubts = rate_doubts(quotes, book=asking.book, on=asking.as_of, today=asking.today)
    return (
        *figure_caveats(entry, workload, asking.catalogue),
        *doubts,
        *closing_caveats(entry, defaults),
    )


def workload_of(
    fields: Mapping[Field, Value], preset: Shape | None
) -> tuple[Workload, frozenset[Field]]:
    """The run that a request describes, and which fields of it are defaults.

    Of Δ, decode and tool result two give the third; with the tool result alone, Δ is that plus the decode of the
    preset, or else of the defaults. A preset fills what is not said.
    """
    said = {
        field: value for field in SHAPE_DEFAULTS if (value := whole_of(fields, field)) is not None
    }
    unsaid = {**SHAPE_DEFAULTS, **preset_values(preset)}
    tool = whole_of(fields, Field.TOOL_RESULT_TOKENS_PER_TURN)
    added, decode = Field.TOKENS_ADDED_PER_TURN, Field.DECODE_TOKENS_PER_TURN
    if tool is not None and added in said and decode not in said:
        said[decode] = said[added] - tool
    defaults = SHAPE_DEFAULTS.keys() - said.keys() - preset_values(preset).keys()
    if tool is not None and added not in said:
        said[added] = said.get(decode, unsaid[decode]) + tool
        defaults -= {added}
    values = {**unsaid, **said}
    shape = EpisodeShape(
        turns=values[Field.TURNS],
        initial_prompt_tokens=values[Field.INITIAL_PROMPT_TOKENS],
        tokens_added_per_turn=values[added],
        decode_tokens_per_turn=values[decode],
    )
    return Workload(shape=shape, episodes=values[Field.EPISODES]), frozenset(defaults)


def cluster_of(fields: Mapping[Field, Value]) -> ClusterRequest:
    """What some fields say of the cluster."""
    return ClusterRequest(
        gpus=whole_of(fields, Field.GPUS),
        gpu_type=gpu_type_of(fields),
        prompt_tps=number_of(fields, Field.PROMPT_TPS),
        decode_tps=number_of(fields, Field.DECODE_TPS),
    )


def dedicated_at_par(quotes: tuple[Quote, ...]) -> AtParLimits | None:
    """Dedicated against Tinker, where both have an amount."""
    amounts = {quote.path: quote.priced.estimate for quote in quotes}
    tinker, cluster = amounts.get(BillingPath.TINKER), amounts.get(BillingPath.DEDICATED)
    if tinker is None or not isinstance(cluster, DedicatedEstimate):
        return None
    return at_par(tinker.usd, cluster)


def defaults_of(
    fields: Mapping[Field, Value], shape_defaults: frozenset[Field], entry: ModelAnswer
) -> tuple[Field, ...]:
    """Every field that the request left open and something else filled, in the order of the fields."""
    plan = entry.quote(BillingPath.DEDICATED).cluster
    filled = {*shape_defaults, *(plan.defaults if plan else ())}
    if Field.AS_OF not in fields:
        filled.add(Field.AS_OF)
    return tuple(field for field in Field if field in filled)


def figure_caveats(
    entry: ModelAnswer, workload: Workload, catalogue: Catalogue
) -> tuple[Caveat, ...]:
    """What the amounts leave out, first what could turn the verdict."""
    tokens = count_tokens(workload.shape)
    overlap_and_cache = formula_caveats(workload, [quote.priced for quote in entry.quotes])
    shape = workload.shape
    cluster = entry.quote(BillingPath.DEDICATED)
    about_cluster: tuple[Caveat, ...] = ()
    if cluster.cluster and not isinstance(cluster.priced, Unpriced):
        about_cluster = tuple(cluster_caveats(entry.model, cluster.cluster))
    # A cluster that cannot hold the model makes every figure of it idle.
    too_small = [caveat for caveat in about_cluster if isinstance(caveat, ClusterTooSmall)]
    caveats: list[Caveat] = [*too_small, *not_offered(entry.quotes), *overlap_and_cache]
    caveats += [caveat for caveat in about_cluster if caveat not in too_small]
    if shape.decode_tokens_per_turn > shape.tokens_added_per_turn and shape.turns > 1:
        caveats.append(
            DecodeExceedsAdded(
                decode_tokens_per_turn=shape.decode_tokens_per_turn,
                tokens_added_per_turn=shape.tokens_added_per_turn,
            )
        )
    caveats += window_doubts(
        entry.quotes,
        peak_context_tokens=tokens.peak_context_tokens,
        smallest_known_tokens=catalogue.smallest_fireworks_window,
    )
    return tuple(caveats)


def closing_caveats(entry: ModelAnswer, defaults: tuple[Field, ...]) -> tuple[Caveat, ...]:
    """What stands beside every amount of its kind, and the defaults."""
    priced = [quote for quote in entry.quotes if not isinstance(quote.priced, Unpriced)]
    serverless = tuple(quote.path for quote in priced if quote.path in SERVERLESS_PATHS)
    caveats: list[Caveat] = []
    cluster = entry.quote(BillingPath.DEDICATED).cluster
    if (
        entry.at_par
        and entry.at_par.max_gpus
        and cluster
        and cluster.prompt_tps
        and cluster.decode_tps
    ):
        caveats.append(
            FixedThroughput(prompt_tps=cluster.prompt_tps, decode_tps=cluster.decode_tps)
        )
    if serverless:
        caveats.append(ServerlessBaseModelOnly(paths=serverless))
    if priced:
        caveats.append(TrainingExcluded())
    if defaults:
        caveats.append(DefaultsUsed(fields=defaults))
    if priced:
        caveats.append(NotAQuote())
    return tuple(caveats)


def _published(
    model: Model, run: PricedRun, fields: Mapping[Field, Value]
) -> "PublishedAnswer | None":
    from bot.moved import published_answer  # few ask for it
    from engine.published import PUBLISHED_MODELS

    page = PUBLISHED_MODELS.get(model.key)
    if page is None:
        return None
    said = cluster_of(fields)
    return published_answer(page, run.workload, said=said, quotes=run.entry.quotes)
