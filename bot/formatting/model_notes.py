"""Notes and rates of an answer about several models: what is about one of them under its name, the rest once."""

from collections.abc import Iterator, Sequence

from bot.answers import Answer, ModelAnswer
from bot.formatting.estimate_view import notes_of, titled
from bot.formatting.grounds import preset_notes, rate_lines
from bot.formatting.layout import Section
from bot.formatting.wording import model_name, too_small_text
from bot.model_caveats import caveats_of
from engine.caveats import ClusterTooSmall


def notes_sections(
    answer: Answer, entries: Sequence[ModelAnswer], *, first: str = ""
) -> Iterator[Section]:
    """The notes of each of several models under its name, then those of all of them, `first` before these."""
    own = [caveats_of(answer, entry) for entry in entries]
    shared = tuple(c for c in answer.caveats if all(c in caveats for caveats in own))
    if len(entries) > 1:
        for entry, caveats in zip(entries, own, strict=True):
            alone = tuple(caveat for caveat in caveats if caveat not in shared)
            yield from titled(f"Notes · {model_name(entry.model.label)}", notes_of(alone, entry))
    leading = [first] if first else []
    notes = notes_of(shared, entries[0])
    yield from titled("Notes", (*preset_notes(answer), *leading, *notes))


def cannot_hold(answer: Answer, entry: ModelAnswer) -> Iterator[str]:
    """That the cluster is too small for the model, which stands before whatever a question says of dedicated."""
    for caveat in caveats_of(answer, entry):
        if isinstance(caveat, ClusterTooSmall):
            model = model_name(entry.model.label)
            yield too_small_text(caveat, model, idle="what is said of Dedicated")


def rates_sections(answer: Answer, entries: Sequence[ModelAnswer]) -> Iterator[Section]:
    """The rates of each model."""
    for entry in entries:
        of_model = f" · {model_name(entry.model.label)}" if len(entries) > 1 else ""
        yield from titled(f"Rates{of_model}", tuple(rate_lines(answer, entry)))
