"""The first sentences of a comparison: who is cheapest and by how much, who is within a limit, or what to ask instead."""

from collections.abc import Iterator, Sequence

from bot.answers import Answer
from bot.formatting.comparison_limits import limit_sentences
from bot.formatting.comparison_notes import on_path, path_of, short_name
from bot.formatting.comparison_reasons import why_lacking
from bot.formatting.figures import against, money, times
from bot.formatting.offer_wording import offer_text
from bot.formatting.wording import (
    PATH_NAMES,
    gpus_words,
    if_the_window_holds,
    listed,
    path_names,
    plural,
)
from bot.judged import Contender
from bot.suggestions import as_typed
from bot.sweep_points import MOST_MODELS
from bot.verdicts import Compared, Lacking, Ranked
from engine.caveats import BillingPath, WindowUnknown
from pricing.catalogue import Model

# More names than these are for the table, not for a sentence.
_SPELLED_OUT = 3


def comparison_text(answer: Answer) -> str:
    """The verdict in one or two sentences with the numbers."""
    verdict = compared_of(answer)
    if verdict.several:
        return _one_value(verdict, models=len(answer.request.models))
    if not verdict.ranked:
        return _nothing(answer, verdict)
    run = plural(answer.workload.episodes, "episode") if answer.workload else ""
    paths = answer.request.paths
    sentences = [_order(verdict, run, paths)]
    if verdict.elsewhere:
        sentences.append(_elsewhere(verdict.ranked[0], *verdict.elsewhere))
    sentences += _cannot_hold(verdict)
    if verdict.named and verdict.lacking:
        sentences.append(_also_lacking(verdict.lacking))
    sentences += limit_sentences(verdict.ranked)
    return " ".join(sentences)


def compared_of(answer: Answer) -> Compared:
    """The comparison that an answer is."""
    if not isinstance(answer.verdict, Compared):
        raise TypeError(f"{type(answer.verdict).__name__} is worded elsewhere")
    return answer.verdict


def _one_value(verdict: Compared, *, models: int) -> str:
    sweep, compare = map(as_typed, verdict.suggestions)
    fields = listed(f"`{field}`" for field in verdict.several)
    have = "has" if len(verdict.several) == 1 else "have"
    return (
        f"A comparison of models takes one value a field, and {fields} {have} several. "
        f"Sweep {_swept(models)}, `{sweep}`, or compare at one value, `{compare}`."
    )


def _swept(models: int) -> str:
    if models > MOST_MODELS:
        return f"the first {MOST_MODELS}"
    return "them" if models else "one model"


def _order(verdict: Compared, run: str, paths: Sequence[str]) -> str:
    """Which model is cheapest on the paths asked for and by how much against the next; that there is only one comes
    first."""
    first, *others = verdict.ranked
    best, held, which = first.best, _if_it_fits(first), those_paths(paths)
    on = f"{which[0].upper()}{which[1:]}, " if which else ""
    each = f"{money(best.usd)} for {run}, {money(best.usd_per_episode)} each{held}"
    if not others:
        return f"Only {_only(first)}: {each}.{_own_rival(first)}"
    second = others[0]
    rival = second.best
    if verdict.too_close:
        return _too_close(first, verdict.within_reach, run, held=held)
    name, next_name = (_named(model, paths) for model in (first, second))
    if rival.usd and not best.usd:
        return f"{on}{name} is cheapest: {each}. {next_name} comes next at {money(rival.usd)}."
    if not against(rival.usd, best.usd).endswith("cheaper"):
        both = f"{money(best.usd)} and {money(rival.usd)} for {run}{held}"
        return f"{on}{name} and {next_name} are at par: {both}."
    next_one = f"{money(rival.usd)}, {times(rival.usd, best.usd)} as much"
    return (
        f"{on}{name} is cheapest: {each}.{_own_rival(first)} {next_name} comes next at {next_one}."
    )


def _only(ranked: Ranked) -> str:
    """That no other model can be bought, by which path this one can, and that there are others where there are."""
    if len(ranked.judged.offered) == 1:
        return f"{on_path(ranked)} can be bought as asked"
    return f"{short_name(ranked.model)} can be bought as asked, cheapest on {path_of(ranked.best)}"


def those_paths(paths: Sequence[str]) -> str:
    """`on Tinker`, `without Dedicated`: the paths that were asked for; empty where those are all."""
    others = [path for path in BillingPath if path not in paths]
    if not paths or not others:
        return ""
    if len(others) == 1:
        return f"without {PATH_NAMES[others[0]]}"
    return f"on {path_names([path for path in BillingPath if path in paths])}"


def _named(ranked: Ranked, paths: Sequence[str]) -> str:
    """A model with its path, unless that is the one asked for."""
    return short_name(ranked.model) if len(paths) == 1 else on_path(ranked)


def _if_it_fits(ranked: Ranked) -> str:
    """What the amount of a model hangs on where its window is not known."""
    doubts = [c for c in ranked.caveats if isinstance(c, WindowUnknown) and c.may_overflow]
    return "".join(map(if_the_window_holds, doubts))


def _elsewhere(first: Ranked, model: Model, contender: Contender) -> str:
    """That a path which was not asked for costs less, or could."""
    name = f"{short_name(model)} on {path_of(contender)}, which you left out,"
    if contender.usd_high < first.best.usd:
        return f"{name} is cheaper: {money(contender.usd)}."
    band = f"{money(contender.usd)} to {money(contender.usd_high)}"
    return f"{name} could be cheaper, by how far prefill and decode overlap: {band}."


def _cannot_hold(verdict: Compared) -> Iterator[str]:
    """For which models the cluster that was said is too small, so that dedicated is out of the question."""
    by_cluster: dict[str, list[str]] = {}
    rows: tuple[Ranked | Lacking, ...] = (*verdict.ranked, *verdict.lacking)
    for row in rows:
        if row.too_small:
            cluster = gpus_words(row.too_small.gpus, row.too_small.gpu_type)
            by_cluster.setdefault(cluster, []).append(short_name(row.model))
    for cluster, names in by_cluster.items():
        models = listed(names) if len(names) <= _SPELLED_OUT else f"{len(names)} of the models"
        yield f"{cluster} cannot hold {models}, so no amount on Dedicated can be had there."


def _too_close(first: Ranked, rivals: Sequence[Ranked], run: str, *, held: str) -> str:
    """The bands of the cheapest and the next, how they stand alike, and who else could be cheapest."""
    second, *others = rivals
    name, rival = short_name(first.model), short_name(second.model)
    by_overlap = "by how far prefill and decode overlap"
    if _is_own_band(first) and _is_own_band(second):
        bands = (
            f"{name} takes {_reach(first)} and {rival} {_reach(second)} for {run}, both on {path_of(first.best)}, "
            f"{by_overlap}{held}.{_if_alike(first, second)}"
        )
    else:
        bands = f"{name} takes {_band(first)} for {run}, {by_overlap}, and {rival} {_band(second)}{held}."
    return f"Too close to call: {bands}{_also_within_reach(others)}"


def _is_own_band(ranked: Ranked) -> bool:
    """Whether how far phases overlap moves the amount, and no other path of the model caps it."""
    return ranked.best.usd < ranked.best.usd_high and ranked.ceiling.path is ranked.best.path


def _if_alike(first: Ranked, second: Ranked) -> str:
    """Which of two bands is cheaper where phases overlap as far in both: the amounts move evenly from end to end."""
    low, high = second.best.usd - first.best.usd, second.best.usd_high - first.best.usd_high
    name, rival = short_name(first.model), short_name(second.model)
    if low > 0 and high > 0:
        return f" If they overlap alike in both, {name} is cheaper."
    if low == high == 0:
        return " If they overlap alike in both, the two cost the same."
    if low > 0 > high:
        return f" If they overlap fully in both, {name} is cheaper; if they do in neither, {rival}."
    return ""


def _also_within_reach(others: Sequence[Ranked]) -> str:
    if not others:
        return ""
    if len(others) > _SPELLED_OUT:
        return f" {len(others)} others could be cheapest too."
    each = [
        f"{short_name(o.model)} ({'at' if o.best.usd == o.ceiling.usd_high else 'from'} {money(o.best.usd)})"
        for o in others
    ]
    return f" {listed(each)} could be cheapest too."


def _own_rival(ranked: Ranked) -> str:
    """The path of the same model that the band of its cheapest one reaches."""
    if not ranked.judged.too_close:
        return ""
    rival = ranked.judged.offered[1]
    return f" How far prefill and decode overlap decides between that and {path_of(rival)} at {money(rival.usd)}."


def _reach(ranked: Ranked) -> str:
    return f"{money(ranked.best.usd)} to {money(ranked.best.usd_high)}"


def _band(ranked: Ranked) -> str:
    """From what to what a model's cheapest path may come, which at the dearer end may be another."""
    best, ceiling = ranked.best, ranked.ceiling
    if best.usd == ceiling.usd_high:
        return f"{money(best.usd)} on {path_of(best)}"
    if ceiling.path is best.path:
        return f"{_reach(ranked)} on {path_of(best)}"
    return (
        f"{money(best.usd)} on {path_of(best)} to {money(ceiling.usd_high)} on {path_of(ceiling)}"
    )


def _nothing(answer: Answer, verdict: Compared) -> str:
    """That nothing can be bought, why as far as it is short, and what to ask instead."""
    if verdict.choiceless:
        said = f"No covered model has two paths with a price on {answer.as_of}."
    elif len(verdict.lacking) <= _SPELLED_OUT:
        each = [f"{short_name(m.model)} ({why_lacking(m)})" for m in verdict.lacking]
        said = f"Nothing can be bought as asked: {'; '.join(each)}."
    else:
        count = len(verdict.lacking) + len(verdict.cut)
        said = f"None of these {count} models can be bought as asked."
    said = " ".join([said, *_cannot_hold(verdict)])
    offers = [offer_text(answer.request, offered, None) for offered in verdict.suggestions]
    return " ".join([said, *offers])


def _also_lacking(lacking: Sequence[Lacking]) -> str:
    if len(lacking) > _SPELLED_OUT:
        return f"{len(lacking)} others cannot be bought as asked."
    each = [f"{short_name(m.model)} ({why_lacking(m)})" for m in lacking]
    return f"{listed(each)} cannot be bought as asked."
