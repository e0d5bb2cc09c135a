"""Why limits or solutions are not given, and a request that has an answer."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.answers import Answer
from bot.formatting.offer_wording import offer_text
from bot.formatting.request_wording import FIELD_WORDS
from bot.formatting.wording import PATH_NAMES, listed, model_name, reason_clause
from bot.instead import Unanswered
from bot.requests.request import Field


def unanswered_text(unanswered: Unanswered, answer: Answer, *, asked: str) -> str:
    """The reason in a sentence, then what to type; `asked` is what was wanted, such as *Limits*."""
    models = [e.model for e in answer.models if (e.model.key,) == unanswered.models]
    offer = offer_text(answer.request, unanswered.instead, models[0] if models else None)
    return f"{_why(unanswered, answer, asked)} {offer}"


def _why(unanswered: Unanswered, answer: Answer, asked: str) -> str:
    labels = {entry.model.key: model_name(entry.model.label) for entry in answer.models}
    model = listed(labels.get(key, f"`{key}`") for key in unanswered.models)
    if unanswered.several:
        fields = listed(FIELD_WORDS.get(field, str(field)) for field in unanswered.several)
        one = replace(unanswered, several=())
        rest = f" {_why(one, answer, asked)}" if one.names_a_reason else ""
        return f"{asked} are of one run, and more than one value of {fields} is named.{rest}"
    if unanswered.sizeless:
        return _sizeless(unanswered, model)
    if answer.request.solve_for is Field.GPUS and unanswered.missing:
        return (
            f"How many GPUs cannot be worked out: no throughput is known for {model}. "
            f"{_measured(unanswered.missing, 'ask for an estimate with')}"
        )
    measured = f" {_measured(unanswered.missing, 'add')}" if unanswered.missing else ""
    return f"{_no_amount(unanswered, answer, model)}{measured}"


def _no_amount(unanswered: Unanswered, answer: Answer, model: str) -> str:
    if unanswered.alone:
        return (
            f"{PATH_NAMES[unanswered.alone]} is the only path of {model} with an amount on {answer.as_of}, "
            "so there is nothing to set it against."
        )
    if unanswered.reasons:
        reasons = "; ".join(reason_clause(reason) for reason in unanswered.reasons)
        return f"{PATH_NAMES[unanswered.path]} has no amount for {model}: {reasons}."
    return f"No path of {model} has an amount on {answer.as_of}."


def _sizeless(unanswered: Unanswered, model: str) -> str:
    """Of a model whose own throughput is known the question works without one."""
    why = "A throughput is that of a cluster of some size, and the size is what is asked for"
    if unanswered.missing:
        return (
            f"{why}. No other is known for {model}. "
            f"{_measured(unanswered.missing, 'ask for an estimate with')}"
        )
    return f"{why}: leave the throughput out, or say the whole cluster and ask for its price."


def _measured(missing: tuple[Field, ...], verb: str) -> str:
    """What is to be said of a cluster whose throughput its owner knows."""
    fields = listed(f"`{field}`" for field in missing)
    return f"To price a cluster that you have measured, {verb} {fields}."


# -- JSON --------------------------------------------------------------------------------------------


def unanswered_json(unanswered: Unanswered) -> dict[str, Any]:
    """Which models have no answer, each reason by its code, and what to ask instead; `missing` is what to say of a cluster."""
    return {
        "models": list(unanswered.models),
        "reasons": [*_reasons_json(unanswered)] or [{"code": "no_amount"}],
        "missing": list(unanswered.missing),
        "suggestion": unanswered.suggestion,
    }


def _reasons_json(unanswered: Unanswered) -> Iterator[dict[str, Any]]:
    if unanswered.several:
        yield {"code": "several_values", "fields": list(unanswered.several)}
    if unanswered.sizeless:
        yield {"code": "no_size"}
    if unanswered.alone:
        yield {"code": "only_one_path", "path": unanswered.alone}
    else:
        yield from ({"code": r.code, "path": unanswered.path} for r in unanswered.reasons)
