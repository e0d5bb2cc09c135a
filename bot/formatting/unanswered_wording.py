"""Why limits or solutions are not given, and a request that has an answer."""

from dataclasses import replace

from bot.answers import Answer
from bot.formatting.request_wording import FIELD_WORDS
from bot.formatting.wording import PATH_NAMES, listed, model_name, reason_clause
from bot.instead import Unanswered


def unanswered_text(unanswered: Unanswered, answer: Answer, *, asked: str) -> str:
    """The reason in a sentence, then what to type; `asked` is what was wanted, such as *Limits*."""
    return f"{_why(unanswered, answer, asked)} Try `{unanswered.suggestion}`."


def _why(unanswered: Unanswered, answer: Answer, asked: str) -> str:
    labels = {entry.model.key: model_name(entry.model.label) for entry in answer.models}
    model = labels.get(unanswered.model, f"`{unanswered.model}`")
    if unanswered.several:
        fields = listed(FIELD_WORDS.get(field, str(field)) for field in unanswered.several)
        one = replace(unanswered, several=())
        rest = f" {_why(one, answer, asked)}" if one.names_a_reason else ""
        return f"{asked} are of one run, and more than one value of {fields} is named.{rest}"
    if unanswered.sizeless:
        return _sizeless(unanswered, model)
    if unanswered.only_estimate:
        return (
            f"How many GPUs cannot be worked out: no throughput is known for {model}. An estimate of one cluster, "
            "said whole with its throughput, tells how long that one takes."
        )
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
    if unanswered.only_estimate:
        return f"{why}. No other is known for {model}: an estimate of the whole cluster tells how long it takes."
    return f"{why}: leave the throughput out, or say the whole cluster and ask for its price."
