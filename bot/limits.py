"""Where dedicated costs what each other path costs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from bot.answers import Answer, Asking, ModelAnswer
from bot.comparisons import ranks_any
from bot.estimates import PricedRun, cluster_of, priced_run
from bot.instead import (
    Unanswered,
    has_rival,
    missing_of_cluster,
    nearest_with_amounts,
    nearest_with_dedicated,
    one_value_each,
    other_models,
)
from bot.moved import PublishedAnswer, published_answer
from bot.requests.request import Field, Intent, Request, Value, several_values
from bot.verdicts import Limited
from engine.caveats import (
    BillingPath,
    Caveat,
    FixedThroughput,
    IdealPrefixCache,
    OverflowDiffers,
    PhasesOverlap,
    TrainingExcluded,
)
from engine.costs import DedicatedEstimate, dedicated, usd_of
from engine.parity import AtParLimits, at_par, whole_replicas
from engine.published import PUBLISHED_MODELS, PublishedFigures
from engine.rates import Deployment
from pricing.catalogue import Model

# Of the amounts, not of the limits.
_BESIDE_THE_POINT = (
    IdealPrefixCache,
    OverflowDiffers,
    PhasesOverlap,
    TrainingExcluded,
    FixedThroughput,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedLimits:
    """What the page of 2026-05-16 showed against Tinker, where it differs from the limits of today.

    `page` holds its figures and what moved since. `beyond_par` are the fields for which it gave a number
    although, at its own rates, none reaches par; `held_to_a_second`: its par time was raised to one second.
    """

    page: PublishedAnswer
    beyond_par: tuple[str, ...]
    held_to_a_second: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsAgainst:
    """The at-par limits of the model's cluster against one other path.

    `max_replicas`: whole clusters of `replica_gpus` GPUs that the GPU limit holds, None for any number.
    `published` belongs to Tinker, and is None where the page showed the same, or nothing.
    """

    against: BillingPath
    limits: AtParLimits
    max_replicas: int | None
    replica_gpus: int
    published: PublishedLimits | None = None


def limited(request: Request, asking: Asking) -> Answer:
    """The answer to a question for limits: each model's cluster against every other path with an amount."""
    fields = one_value_each(request.fields)
    models = [asking.catalogue.get(key) for key in request.models]
    # Limits are of dedicated, against the paths named.
    judged = (*request.paths, BillingPath.DEDICATED) if request.paths else ()
    runs = [priced_run(fields, model, asking, paths=judged) for model in models]
    unanswered = [
        _unanswered(replace(request, models=(model.key,), fields=fields), model, run, asking)
        for model, run in zip(models, runs, strict=True)
    ]
    several = several_values(request.fields)
    if several:
        refused = [one for one in unanswered if one]
        if len(refused) < len(unanswered):
            again = replace(request, fields=fields)
            refused = [Unanswered(models=request.models, instead=again)]
        told = (replace(refused[0], several=several), *refused[1:])
        return _answer(request, asking, verdict=Limited(unanswered=told))
    entries = [_entry(fields, model, run) for model, run in zip(models, runs, strict=True)]
    verdict = Limited(
        unanswered=tuple(found for found in unanswered if found),
        runs=tuple(run.verdict for run in runs),
    )
    return _answer(request, asking, verdict=verdict, runs=runs, entries=entries)


def _answer(
    request: Request,
    asking: Asking,
    *,
    verdict: Limited,
    runs: list[PricedRun] | None = None,
    entries: list[ModelAnswer] | None = None,
) -> Answer:
    first = runs[0] if runs else None
    caveats = dict.fromkeys(caveat for run in runs or () for caveat in _caveats(run))
    return Answer(
        request=request,
        as_of=asking.as_of,
        today=asking.today,
        verdict=verdict,
        workload=first.workload if first else None,
        defaults=first.defaults if first else (),
        models=tuple(entries or ()),
        caveats=tuple(caveats),
    )


def _caveats(run: PricedRun) -> tuple[Caveat, ...]:
    """What matters to limits: that the one of GPUs holds the throughput still comes first."""
    kept = [caveat for caveat in run.caveats if not isinstance(caveat, _BESIDE_THE_POINT)]
    estimate = run.entry.quote(BillingPath.DEDICATED).priced.estimate
    if not isinstance(estimate, DedicatedEstimate):
        return tuple(kept)
    cluster = estimate.deployment
    return (FixedThroughput(prompt_tps=cluster.prompt_tps, decode_tps=cluster.decode_tps), *kept)


def _unanswered(
    question: Request, model: Model, run: PricedRun, asking: Asking
) -> Unanswered | None:
    """Why there are no limits: dedicated has no amount, or no other path has one."""
    cluster = run.entry.quote(BillingPath.DEDICATED).priced
    others = [q for q in run.entry.quotes if q.path is not cluster.path and q.priced.estimate]
    if not cluster.estimate:
        return Unanswered(
            models=question.models,
            reasons=cluster.reasons,
            missing=missing_of_cluster(question.fields, model, asking),
            instead=_instead(question, model, asking),
        )
    if others:
        return None
    again = replace(question, intent=Intent.ESTIMATE)
    return Unanswered(models=question.models, alone=cluster.path, instead=again)


def _instead(question: Request, model: Model, asking: Asking) -> Request:
    """The same limits on a cluster that has an amount; an estimate without another path, or without a cluster that has one;
    other models where no path has an amount on any day."""
    works = nearest_with_dedicated(question.fields, model, asking)
    if works is None:
        priced = nearest_with_amounts(question.fields, model, asking)
        estimate = replace(question, intent=Intent.ESTIMATE, paths=())
        if priced is None:
            return other_models(estimate, partial(ranks_any, asking=asking))
        return replace(estimate, fields=priced)
    rival = has_rival(works, model, asking)
    return replace(
        question, intent=Intent.LIMITS if rival else Intent.ESTIMATE, fields=works, paths=()
    )


def _entry(fields: Mapping[Field, Value], model: Model, run: PricedRun) -> ModelAnswer:
    """The model's answer with its limits; none without a dedicated amount."""
    quote = run.entry.quote(BillingPath.DEDICATED)
    estimate, plan = quote.priced.estimate, quote.cluster
    if not isinstance(estimate, DedicatedEstimate) or plan is None:
        return run.entry
    own = model.cluster.gpus if model.cluster and plan.replicas else estimate.deployment.gpus
    found = []
    for other in run.entry.quotes:
        usd = usd_of(other.priced)
        if other.path is quote.path or usd is None:
            continue
        limits = at_par(usd, estimate)
        found.append(
            LimitsAgainst(
                against=other.path,
                limits=limits,
                max_replicas=whole_replicas(limits, own),
                replica_gpus=own,
                published=_published(fields, model, run, limits)
                if other.path is BillingPath.TINKER
                else None,
            )
        )
    return ModelAnswer(
        model=run.entry.model,
        quotes=run.entry.quotes,
        cheapest=run.entry.cheapest,
        at_par=run.entry.at_par,
        limits=tuple(found),
    )


def _published(
    fields: Mapping[Field, Value], model: Model, run: PricedRun, today: AtParLimits
) -> PublishedLimits | None:
    """What the page showed; None where it did not have the model, or showed the same."""
    held = PUBLISHED_MODELS.get(model.key)
    if held is None:
        return None
    said = cluster_of(fields)
    page = published_answer(held, run.workload, said=said, quotes=run.entry.quotes)
    if page is None or _shown(page.figures) == (
        today.max_gpus,
        today.min_prompt_tps,
        today.min_decode_tps,
    ):
        return None
    deployment = Deployment(
        gpu_type=held.gpu_type,
        gpus=held.gpus if said.gpus is None else said.gpus,
        usd_per_gpu_hour=Decimal(str(held.usd_per_gpu_hour)),
        prompt_tps=Decimal(held.prompt_tps) if said.prompt_tps is None else said.prompt_tps,
        decode_tps=Decimal(held.decode_tps) if said.decode_tps is None else said.decode_tps,
    )
    tinker_usd = Decimal(page.figures.tinker_usd)
    own = at_par(tinker_usd, dedicated(run.workload, deployment))
    rent_of_a_second = deployment.gpus * deployment.usd_per_gpu_hour / 3600
    return PublishedLimits(
        page=page,
        beyond_par=own.unreachable,
        held_to_a_second=tinker_usd < rent_of_a_second,
    )


def _shown(figures: PublishedFigures) -> tuple[int | None, int, int]:
    return (
        figures.at_par_max_gpus,
        figures.at_par_min_prompt_tps,
        figures.at_par_min_decode_tps,
    )
