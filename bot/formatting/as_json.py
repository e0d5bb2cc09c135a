"""Answer -> JSON: the contract that other renderings and scripts read."""

import math
from dataclasses import asdict, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot.answers import Answer, ModelAnswer
from bot.formatting.shapes_view import preset_json, shapes_json
from bot.formatting.verdict_wording import verdict_text
from bot.formatting.wording import caveat_text, vs_tinker
from bot.judged import Judged
from bot.listing import ListedCard
from bot.requests import as_json as request_json
from bot.suggestions import as_typed
from bot.verdicts import Compared, Limited, Refused, Solved, Verdict
from engine.caveats import BillingPath, Caveat, NotOffered, Reason
from engine.costs import DedicatedEstimate, usd_of
from engine.parity import AtParLimits
from engine.workload import TokenCounts
from pricing.cards import AnyCard, GpuCard, TinkerCard, TokenCard
from pricing.catalogue import Model
from pricing.clusters import ClusterPlan
from pricing.quotes import Quote

if TYPE_CHECKING:
    from bot.moved import Moved

Json = dict[str, Any]


def answer_json(answer: Answer, *, published: bool = False) -> Json:
    """An answer as one object. `published` adds the keys that `--published` promises, null where there is nothing."""
    out: Json = {"request": request_json(answer.request), "as_of": answer.as_of.isoformat()}
    if answer.workload and answer.tokens:
        shape = answer.workload.shape.model_dump()
        out["shape"] = {"turns": shape["turns"], "episodes": answer.workload.episodes} | shape
        if isinstance(answer.verdict, Solved) and answer.verdict.priced_at:
            out["priced_at"] = {str(field): value for field, value in answer.verdict.priced_at}
        out["defaults"] = [str(field) for field in answer.defaults]
        out["tokens"] = _tokens(answer.tokens)
    if answer.preset and not isinstance(answer.verdict, Refused):
        out["preset"] = preset_json(answer.preset)
    if answer.shapes:
        out["shapes"] = shapes_json(answer)
    out["models"] = [_model(answer, entry) | _of_question(answer, entry) for entry in answer.models]
    if isinstance(answer.verdict, Refused):
        out["problems"] = out["request"]["problems"]
        out["suggestion"] = answer.verdict.suggestion
    if isinstance(answer.verdict, Limited | Solved) and answer.verdict.unanswered:
        from bot.formatting.unanswered_wording import unanswered_json  # most questions have answers

        out["unanswered"] = [unanswered_json(each) for each in answer.verdict.unanswered]
    if isinstance(answer.verdict, Compared):
        out["not_shown"] = [model.key for model in answer.verdict.cut]
        if answer.verdict.suggestions:
            out["suggestions"] = [as_typed(each) for each in answer.verdict.suggestions]
    if answer.cards:
        out["cards"] = [_listed(listed) for listed in answer.cards]
    if published:
        out |= _published(answer)
    out["caveats"] = [_caveat(caveat) for caveat in answer.caveats]
    out["verdict"] = verdict_text(answer)
    return out


def number(value: Decimal | int | None) -> int | float | None:
    """The nearest double, a whole number without a point; null for none, and beyond all doubles."""
    if value is None:
        return None
    nearest = float(value)
    if math.isinf(nearest):
        return None
    return int(nearest) if nearest.is_integer() and abs(nearest) < 1e15 else nearest


def _tokens(tokens: TokenCounts) -> Json:
    return {
        "prompt_tokens_per_episode": tokens.prompt_tokens,
        "uncached_prompt_tokens_per_episode": tokens.uncached_prompt_tokens,
        "cached_prompt_tokens_per_episode": tokens.cached_prompt_tokens,
        "decode_tokens_per_episode": tokens.decode_tokens,
        "peak_context_tokens": tokens.peak_context_tokens,
        "cache_hit_rate": number(tokens.cache_hit_rate),
    }


def _model(answer: Answer, entry: ModelAnswer) -> Json:
    tinker_usd = usd_of(entry.quote(BillingPath.TINKER).priced)
    judged = _judged(answer.verdict, entry.model)
    return {
        "model": entry.model.key,
        "label": entry.model.label,
        "paths": [path_json(quote, tinker_usd) | _within(judged, quote) for quote in entry.quotes],
        "cheapest": entry.cheapest,
        "at_par": _at_par(entry.at_par) if entry.at_par else None,
    }


def _of_question(answer: Answer, entry: ModelAnswer) -> Json:
    if isinstance(answer.verdict, Judged):
        return {}
    from bot.formatting.questions import question_json  # most answers are estimates

    return question_json(answer, entry)


def path_json(quote: Quote, tinker_usd: Decimal | None) -> Json:
    """One path of one run: whether it can be bought, what it costs, and the cards behind that."""
    priced = quote.priced
    out: Json = {"path": quote.path, "status": priced.status}
    if quote.path is BillingPath.TINKER:
        out["variant"] = quote.variant
    if quote.cluster:
        out |= _cluster(quote.cluster, quote)
    estimate = priced.estimate
    out["usd_per_episode"] = number(estimate.usd_per_episode) if estimate else None
    out["usd"] = number(estimate.usd) if estimate else None
    if quote.cluster:
        cluster = estimate if isinstance(estimate, DedicatedEstimate) else None
        out["usd_low"] = number(cluster.usd_low) if cluster else None
        out["usd_high"] = number(cluster.usd_high) if cluster else None
    out["vs_tinker"] = vs_tinker(quote, tinker_usd)
    out["cards"] = _path_cards(quote.card) if quote.card else []
    return out | {"reasons": [_reason(reason) for reason in priced.reasons]}


def _cluster(plan: ClusterPlan, quote: Quote) -> Json:
    estimate = quote.priced.estimate
    priced = estimate if isinstance(estimate, DedicatedEstimate) else None
    rate = quote.card.usd_per_gpu_hour if isinstance(quote.card, GpuCard) else None
    return {
        "gpus": plan.gpus,
        "gpu_type": plan.gpu_type,
        "replicas": plan.replicas,
        "prompt_tps": number(plan.prompt_tps),
        "decode_tps": number(plan.decode_tps),
        "usd_per_gpu_hour": number(rate),
        "cluster_hours": number(priced.cluster_hours) if priced else None,
        "binding": priced.binding if priced else None,
    }


def _within(judged: Judged | None, quote: Quote) -> Json:
    """Whether a path stays within what was allowed; null where it is too close to call, or not known at all."""
    out: Json = {}
    if judged and judged.budget:
        out["within_budget"] = judged.budget.holds.get(quote.path)
    if judged and judged.deadline:
        out["within_deadline"] = judged.deadline.holds.get(quote.path)
    return out


def _judged(verdict: Verdict, model: Model) -> Judged | None:
    match verdict:
        case Judged():
            return verdict
        case Compared():
            return verdict.judged_of(model)
        case _:
            return None


def _path_cards(card: AnyCard) -> list[Json]:
    """One entry a rate, each with where it is from."""
    provenance = _provenance(card)
    return [
        {
            "rate": rate,
            "usd": number(usd),
            "unit": "GPU-hour" if rate == "gpu_hour" else "1M tokens",
        }
        | provenance
        for rate, usd in _rates(card).items()
        if usd is not None
    ]


def _provenance(card: AnyCard) -> Json:
    """Which card it is, from when to when it holds, and how we know."""
    return {
        "id": card.id,
        "effective_from": card.effective_from.isoformat(),
        "effective_to": card.effective_to.isoformat() if card.effective_to else None,
        "verified_on": card.verified_on.isoformat(),
        "source_url": card.source_url,
        "confidence": card.confidence,
    }


def _rates(card: AnyCard) -> dict[str, Decimal | None]:
    if isinstance(card, GpuCard):
        return {"gpu_hour": card.usd_per_gpu_hour}
    return {
        "input": card.input_usd_per_mtok,
        "cached_input": card.cached_input_usd_per_mtok,
        "output": card.output_usd_per_mtok,
    }


def _listed(listed: ListedCard) -> Json:
    """A card of the `rates` answer, with the rates that its kind has."""
    card = listed.card
    out: Json = {
        "path": card.key.path,
        "model": card.model if isinstance(card, TokenCard) else None,
        "variant": card.variant if isinstance(card, TinkerCard) else None,
        "gpu_type": card.gpu_type if isinstance(card, GpuCard) else None,
    }
    if isinstance(card, GpuCard):
        out["usd_per_gpu_hour"] = number(card.usd_per_gpu_hour)
    else:
        out |= {f"{rate}_usd_per_mtok": number(usd) for rate, usd in _rates(card).items()}
    if isinstance(card, TinkerCard):
        out["train_usd_per_mtok"] = number(card.train_usd_per_mtok)
    return out | _provenance(card) | {"ended": card.ended, "in_force": listed.in_force}


def _at_par(limits: AtParLimits) -> Json:
    return {
        "against": BillingPath.TINKER,
        "max_gpus": limits.max_gpus,
        "min_prompt_tps": limits.min_prompt_tps,
        "min_decode_tps": limits.min_decode_tps,
        "binding": limits.binding,
        "headroom": number(limits.headroom),
        "unreachable": list(limits.unreachable),
    }


def _caveat(caveat: Caveat) -> Json:
    if isinstance(caveat, NotOffered):
        facts: Json = {"paths": list(caveat.paths), **_facts(caveat.reason)}
    else:
        facts = _facts(caveat)
    return {"code": caveat.code, "facts": facts, "text": caveat_text(caveat)}


def _reason(reason: Reason) -> Json:
    return {"code": reason.code} | _facts(reason)


def _facts(facts: Caveat | Reason) -> Json:
    """The fields of a caveat; what is not known is left out."""
    values = {field.name: getattr(facts, field.name) for field in fields(facts)}
    return {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: object) -> object:
    """A fact as JSON has it: pairs of a path and a figure as an object, other tuples as lists."""
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, tuple):
        if value and all(isinstance(item, tuple) for item in value):
            return {path: _plain(figure) for path, figure in value}
        return [_plain(item) for item in value]
    return value


def _published(answer: Answer) -> Json:
    """The published calculator's figures and what moved; null and nothing where that page had none."""
    if answer.published is None:
        return {"published": None, "moved": []}
    return {
        "published": asdict(answer.published.figures),
        "moved": [_moved(moved) for moved in answer.published.moved],
    }


def _moved(moved: "Moved") -> Json:
    from bot.formatting.moved_wording import moved_text  # few ask for it
    from bot.moved import PathsAdded, StatusMoved, TinkerMoved

    text = {"text": moved_text(moved)}
    if isinstance(moved, PathsAdded):
        return {"what": "not_on_page", "paths": list(moved.paths)} | text
    if isinstance(moved, StatusMoved):
        return {"what": moved.reason.code, "paths": [moved.path]} | text
    path = BillingPath.TINKER if isinstance(moved, TinkerMoved) else BillingPath.DEDICATED
    usd = {"usd_before": number(moved.usd_before), "usd_after": number(moved.usd_after)}
    return {"what": moved.step, "paths": [path]} | usd | text
