"""The covered models in words."""

from bot.formatting.figures import NO_AMOUNT, number
from bot.formatting.layout import Section, Table, View
from bot.formatting.wording import gpus_words
from pricing.catalogue import Catalogue, Model, window_name


def models_view(catalogue: Catalogue) -> View:
    """One row a model: what to type, what it is called, its windows and its cluster."""
    table = Table(
        header=("Model", "Label", "Tinker", "Fireworks", "Cluster"),
        rows=tuple(_row(model) for model in catalogue),
        numeric=frozenset(),
    )
    clusters = sum(model.cluster is not None for model in catalogue)
    summary = (
        f"{len(catalogue.models)} models are covered. {clusters} have a cluster whose throughput is known; for the "
        "others say gpus, gpu_type, prompt_tps and decode_tps to price Dedicated."
    )
    return View(summary=summary, sections=(Section(table=table),))


def _row(model: Model) -> tuple[str, ...]:
    window = model.fireworks_window_tokens
    fireworks = "window unknown" if model.fireworks_ids else NO_AMOUNT
    return (
        model.key,
        model.label,
        ", ".join(variant.name for variant in model.tinker) or NO_AMOUNT,
        window_name(window) if window else fireworks,
        _cluster(model),
    )


def _cluster(model: Model) -> str:
    own = model.cluster
    if own is None:
        return ""
    return f"{gpus_words(own.gpus, own.gpu_type)}, {number(own.prompt_tps)} + {number(own.decode_tps)} tok/s"
