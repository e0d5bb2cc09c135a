"""How the paths of a model compare, in sentences: the cheapest, what came close, what a budget or a deadline allows."""

from collections.abc import Iterable, Iterator, Sequence

from bot.answers import Answer
from bot.formatting.figures import against, limit, money, times
from bot.formatting.request_wording import hours_band_words, hours_words
from bot.formatting.wording import (
    PATH_NAMES,
    if_the_window_holds,
    listed,
    model_name,
    path_names,
    plural,
    reason_clause,
    reason_text,
    too_small_text,
    variant_name,
)
from bot.judged import Contender, Judged, Within
from bot.requests.request import Field
from engine.caveats import (
    BillingPath,
    ClusterTooSmall,
    ContextOverflow,
    NoRate,
    NoThroughput,
    WindowUnknown,
)
from engine.costs import Priced


def judged_text(answer: Answer, verdict: Judged) -> str:
    """What one model's run comes to, on the paths asked for."""
    run = plural(answer.workload.episodes, "episode") if answer.workload else ""
    paths = answer.request.paths
    model = model_name(answer.models[0].model.label)
    idle = [*_cannot_hold(answer, model)]
    if idle:
        verdict = verdict.without(BillingPath.DEDICATED)
    asked = not paths or BillingPath.DEDICATED in paths
    sentences = [*idle] if asked else []
    held = _if_it_fits(answer, verdict.best)
    if verdict.offered or verdict.notional or not sentences:
        sentences.append(_order(verdict, run, paths, held) or _nothing(answer, verdict, model))
    sentences += _unpriced(answer, verdict)
    sentences += _asked_of(answer, verdict)
    sentences += allowed_texts(verdict, idle=bool(idle))
    if verdict.cheaper:
        sentences.append(_left_out(verdict.cheaper, verdict.best))
    sentences += [] if asked else idle
    return " ".join(sentences)


def _cannot_hold(answer: Answer, model: str) -> Iterator[str]:
    """That the cluster is too small for the model, so that its amount is none to be had."""
    estimate = answer.models[0].quote(BillingPath.DEDICATED).priced.estimate
    for caveat in answer.caveats:
        if isinstance(caveat, ClusterTooSmall) and estimate:
            yield too_small_text(caveat, model, idle=f"{money(estimate.usd)} on Dedicated")


def _is_too_small(answer: Answer) -> bool:
    return any(isinstance(caveat, ClusterTooSmall) for caveat in answer.caveats)


def _if_it_fits(answer: Answer, best: Contender | None) -> str:
    """What the amount of the cheapest path hangs on where its window is not known."""
    doubts = [c for c in answer.caveats if isinstance(c, WindowUnknown) and c.may_overflow]
    return "".join(if_the_window_holds(c) for c in doubts if best and best.path in c.paths)


def among(paths: Sequence[str]) -> str:
    """`Of Tinker and Dedicated, ` or `Without Dedicated, ` before what is true of those paths; empty where that is all."""
    others = [path for path in BillingPath if path not in paths]
    if not paths or not others:
        return ""
    if len(others) == 1:
        return f"Without {PATH_NAMES[others[0]]}, "
    return f"Of {path_names([path for path in BillingPath if path in paths])}, "


def _left_out(cheaper: Contender, best: Contender | None) -> str:
    """That a path which was not asked for costs less, or could."""
    name = f"{_name(cheaper)}, which you left out,"
    if best is None:
        return f"{name} can be bought: {money(cheaper.usd)}."
    if cheaper.usd_high < best.usd:
        return f"{name} is cheaper: {money(cheaper.usd)}."
    ours, theirs = _reach(best), _reach(cheaper)
    return (
        f"{name} could be cheaper, by how far prefill and decode overlap: {theirs} against {ours}."
    )


def _reach(contender: Contender) -> str:
    """From what to what a path may come."""
    if contender.usd == contender.usd_high:
        return money(contender.usd)
    return f"{money(contender.usd)} to {money(contender.usd_high)}"


def _asked_of(answer: Answer, verdict: Judged) -> Iterator[str]:
    """What the paths come to that the request names, where the first sentence does not say it."""
    if not verdict.offered:
        return
    said = {contender.path for contender in verdict.offered[:2]}
    if len(verdict.offered) == 1:
        said.add(BillingPath.TINKER)
    if _is_too_small(answer) or _lacks_its_cluster(answer):
        said.add(BillingPath.DEDICATED)
    amounts = {c.path: c for c in (*verdict.offered, *verdict.notional)}
    notional: list[Contender] = []
    for path in BillingPath:
        if path not in answer.request.paths or path in said:
            continue
        contender = amounts.get(path)
        if contender is None:
            yield f"{PATH_NAMES[path]} has no amount here."
        elif contender.reasons:
            notional.append(contender)
        else:
            yield f"{_name(contender)} comes to {money(contender.usd)}."
    if len(notional) == 1:
        only = notional[0]
        yield f"{_name(only)} is notional at {money(only.usd)}: {_why(only)}."
    elif notional:
        yield f"Notional: {_with_reasons(notional)}."


def _order(verdict: Judged, run: str, paths: Sequence[str], held: str) -> str:
    """Which of the paths asked for is cheapest and by how much; that only one can be bought comes first. Empty for none.

    `held` is what the cheapest amount hangs on, if anything.
    """
    if not verdict.offered:
        return ""
    best, *others = verdict.offered
    each = f"{money(best.usd)} for {run}, {money(best.usd_per_episode)} each{held}"
    if len(paths) == 1:
        return f"{_name(best)} comes to {each}."
    if not others:
        only = behind(among(paths), f"Only {_name(best)}")
        return f"{only} can be bought as asked: {each}.{_tinker_too(verdict, best)}"
    rival = others[0]
    if verdict.too_close:
        return (
            f"Too close to call: {_name(best)} takes {money(best.usd)} to {money(best.usd_high)} for {run}, "
            f"by how far prefill and decode overlap, and {_name(rival)} {money(rival.usd)}{held}."
        )
    if rival.usd and not best.usd:
        return f"{among(paths)}{_name(best)} is cheapest: {each}. {_name(rival)} comes next at {money(rival.usd)}."
    if not against(rival.usd, best.usd).endswith("cheaper"):
        both = f"{money(best.usd)} and {money(rival.usd)} for {run}{held}"
        return f"{_name(best)} and {_name(rival)} are at par: {both}."
    next_one = f"{money(rival.usd)}, {times(rival.usd, best.usd)} as much"
    return (
        f"{among(paths)}{_name(best)} is cheapest: {each}. {_name(rival)} comes next at {next_one}."
    )


def behind(lead: str, sentence: str) -> str:
    """A sentence behind the words that lead to it, if any."""
    return f"{lead}{sentence[0].lower()}{sentence[1:]}" if lead else sentence


def _tinker_too(verdict: Judged, only: Contender) -> str:
    """What Tinker would have come to, where it is not what can be bought."""
    for contender in verdict.notional:
        if contender.path is BillingPath.TINKER and only.usd:
            much = f"{money(contender.usd)}, {times(contender.usd, only.usd)} as much"
            return f" {_name(contender)} is notional at {much}: {_why(contender)}."
    return ""


def _unpriced(answer: Answer, verdict: Judged) -> Iterator[str]:
    """Why paths are missing that somebody asked for: those of a day with few rates, and a cluster of one's own."""
    entry, paths = answer.models[0], answer.request.paths
    if not verdict.offered or (paths and BillingPath.DEDICATED not in paths):
        return
    others = [q.priced for q in entry.quotes if q.path is not verdict.offered[0].path]
    if not paths and all(_has_no_rate(priced) for priced in others):
        yield f"No rate of the other paths is known for {answer.as_of}."
    elif _lacks_its_cluster(answer):
        reasons = entry.quote(BillingPath.DEDICATED).priced.reasons
        yield from (reason_text((BillingPath.DEDICATED,), reason) for reason in reasons)


def _lacks_its_cluster(answer: Answer) -> bool:
    """Whether a cluster was said that has no amount."""
    cluster = answer.models[0].quote(BillingPath.DEDICATED).priced
    return not cluster.estimate and bool(
        answer.request.fields.keys() & {Field.GPUS, Field.GPU_TYPE}
    )


def _has_no_rate(priced: Priced) -> bool:
    return any(isinstance(reason, NoRate) for reason in priced.reasons)


def _nothing(answer: Answer, verdict: Judged, model: str) -> str:
    """Why no path can be bought, and what the notional amounts are."""
    paths = answer.request.paths
    none = f"{none_of(paths)} be bought as asked for {model}"
    if not verdict.notional:
        return f"{none}: {_without_amounts(answer)}."
    needs = _beyond_every_window(verdict.notional)
    if needs:
        amounts = listed(f"{_name(c)} at {money(c.usd)}" for c in verdict.notional)
        window = "their windows" if paths else "every window"
        window = "its window" if len(paths) == 1 else window
        why = f": an episode peaks at {needs:,} tokens, beyond {window}"
    else:
        amounts, why = _with_reasons(verdict.notional), ""
    return f"{none}{why}. Notional: {amounts}."


def _without_amounts(answer: Answer) -> str:
    """Why none of the paths asked for has an amount."""
    paths = answer.request.paths
    asked = [q.priced for q in answer.models[0].quotes if not paths or q.path in paths]
    lacking = []
    if any(_has_no_rate(priced) for priced in asked):
        lacking.append(f"no rate is known for {answer.as_of}")
    if any(isinstance(reason, NoThroughput) for priced in asked for reason in priced.reasons):
        lacking.append("no throughput is known for the cluster")
    return listed(lacking)


def _with_reasons(notional: Iterable[Contender]) -> str:
    """`Serverless standard at $200.68 (retired after 2026-09-25) and …`"""
    return listed(f"{_name(c)} at {money(c.usd)} ({_why(c)})" for c in notional)


def none_of(paths: Sequence[str]) -> str:
    """That of the paths asked for, or of all, none can."""
    if len(paths) == 1:
        return f"{PATH_NAMES[BillingPath(paths[0])]} cannot"
    lead = among(paths)
    return f"{lead}none can" if lead.startswith("Of") else f"{behind(lead, 'No path')} can"


def _beyond_every_window(contenders: Sequence[Contender]) -> int:
    """What an episode peaks at, in tokens, where that alone keeps every path from being bought; 0 where not."""
    overflows = [
        next((reason for reason in c.reasons if isinstance(reason, ContextOverflow)), None)
        for c in contenders
    ]
    return overflows[0].needs_tokens if overflows[0] and all(overflows) else 0


def allowed_texts(verdict: Judged, *, idle: bool) -> Iterator[str]:
    """Whether a budget and a deadline are kept; `idle`: the cluster is too small, so that alone it leaves nothing to judge."""
    amounts = bool(verdict.offered or verdict.notional)
    if verdict.budget and amounts:
        yield _budget_text(verdict.budget, verdict)
    if verdict.deadline and (amounts or not idle):
        yield _deadline_text(verdict.deadline, verdict)


def _budget_text(within: Within, verdict: Judged) -> str:
    """Whether a sum is enough, as far as the band of dedicated lets one say."""
    budget = limit(within.limit)
    if not verdict.offered:
        covered = path_names([c.path for c in verdict.notional if within.holds[c.path]])
        return f"{budget} would cover {covered or 'none of them'}."
    if not (within.sure or within.unsure):
        too_dear = _names(within.over) if verdict.left_out else "any path on offer"
        return f"{budget} is not enough for {too_dear}."
    clauses = []
    if within.sure:
        clauses.append(f"{budget} is enough for {_names(within.sure)}")
    if within.unsure:
        clauses.append(
            f"whether {budget} is enough for {_names(within.unsure)} is too close to call"
        )
    sentence = "; ".join(clauses)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _deadline_text(within: Within, verdict: Judged) -> str:
    """Whether the cluster is done in time; how long token-billed paths take is not known."""
    deadline = f"the deadline of {hours_words(within.limit)}"
    for verb, contenders in (("meets", within.sure), ("misses", within.over)):
        for contender in contenders:
            return f"{_name(contender)} {verb} {deadline} with {_hours(contender)}."
    for contender in within.unsure:
        return f"Whether {_name(contender)} meets {deadline} is too close to call: {_hours(contender)}."
    for contender in verdict.notional:
        if contender.hours is not None:
            holds = within.holds[contender.path]
            would = "might meet" if holds is None else "would meet" if holds else "would miss"
            return f"{_name(contender)}, notional, {would} {deadline} with {_hours(contender)}."
    return f"How long these paths take is not known, so nothing is said of {deadline}."


def _hours(contender: Contender) -> str:
    low, high = contender.hours, contender.hours_high
    if low is None or high is None:
        return "no hours known"
    return hours_band_words(low, high)


def _why(contender: Contender) -> str:
    return "; ".join(reason_clause(reason) for reason in contender.reasons)


def _names(contenders: Iterable[Contender]) -> str:
    return path_names([contender.path for contender in contenders])


def _name(contender: Contender) -> str:
    return variant_name(contender.path, contender.variant)
