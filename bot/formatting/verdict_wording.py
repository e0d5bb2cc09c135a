"""The first sentences of an answer: what it comes to, or what to type instead."""

from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from bot.answers import Answer
from bot.formatting.figures import against, limit, money, times
from bot.formatting.rates_view import card_label, card_rates
from bot.formatting.request_wording import hours_band_words, hours_words, problem_text
from bot.formatting.wording import (
    PATH_NAMES,
    caveat_text,
    listed,
    model_name,
    named_cards_words,
    path_names,
    plural,
    reason_clause,
    variant_name,
)
from bot.requests.request import ProblemCode
from bot.verdicts import (
    Compared,
    Contender,
    DigestsInSlack,
    Explained,
    Helped,
    Judged,
    Limited,
    Listed,
    NotSwept,
    Refused,
    ShapesListed,
    Silent,
    Solved,
    Swept,
    Within,
)
from engine.caveats import BillingPath, ClusterTooSmall, ContextOverflow, OnlyNamedCards

HELP = (
    "I price RL rollouts on Tinker, Fireworks Serverless and Fireworks Dedicated. "
    "Name a model and what you know of the run, such as `kimi-k2p6 turns=20 episodes=5000`."
)

DIGESTS_ARE_IN_SLACK = (
    "Digests go to Slack channels: type `/rlcost digest subscribe` in the channel that wants them."
)

# More rates than this are for the table, not for a sentence.
_SPELLED_OUT = 3

# The rest of the problems is in JSON, and often follows from the first.
_MOST_PROBLEMS = 5


def verdict_text(answer: Answer) -> str:
    """One or two sentences with the numbers in them, and what to ask instead where nothing can be bought."""
    said = _said(answer)
    return f"{said} Try `{answer.instead}`." if answer.instead else said


def _said(answer: Answer) -> str:
    verdict = answer.verdict
    match verdict:
        case Judged():
            return _named_cards(answer) + _judged(answer, verdict)
        case Listed():
            return _listed(answer, verdict)
        case Refused():
            return _refused(verdict)
        case DigestsInSlack():
            return DIGESTS_ARE_IN_SLACK
        case Compared() | Swept() | NotSwept() | Limited() | Solved() | Explained():
            from bot.formatting.questions import question_text  # most answers are estimates

            return question_text(answer)
        case ShapesListed():
            from bot.formatting.shapes_view import shapes_text  # few ask for it

            return shapes_text(answer, verdict)
        case Helped():
            return HELP
        case Silent():
            return ""
        case _:
            assert_never(verdict)


def _refused(verdict: Refused) -> str:
    """What was not read, as far as anybody reads it at once, and what to type instead."""
    spoken, more = verdict.problems[:_MOST_PROBLEMS], verdict.problems[_MOST_PROBLEMS:]
    sentences = [problem_text(problem, example_model=verdict.example_model) for problem in spoken]
    if more:
        sentences.append(f"… and {len(more):,} more.")
    # Where the example model is the whole remedy, the sentence about the missing model has named it.
    named = any(problem.code is ProblemCode.MODEL_MISSING for problem in verdict.problems)
    if verdict.suggestion and not (named and verdict.suggestion == verdict.example_model):
        sentences.append(f"Try `{verdict.suggestion}`.")
    if verdict.without:
        which = "that" if len(verdict.problems) == 1 else "those"
        sentences.append(f"Without {which}: `{verdict.without}`.")
    return " ".join(sentences)


def _named_cards(answer: Answer) -> str:
    """That other cards were left aside: without it a verdict on what can be bought would be false."""
    named = [caveat for caveat in answer.caveats if isinstance(caveat, OnlyNamedCards)]
    return f"{named_cards_words(named[0].cards)}. " if named else ""


def _judged(answer: Answer, verdict: Judged) -> str:
    run = plural(answer.workload.episodes, "episode") if answer.workload else ""
    sentences = [
        _order(verdict, run) or _nothing(verdict, model_name(answer.models[0].model.label))
    ]
    sentences += [caveat_text(c) for c in answer.caveats if isinstance(c, ClusterTooSmall)]
    sentences += _asked_of(answer, verdict)
    if verdict.budget:
        sentences.append(budget_text(verdict.budget, verdict))
    if verdict.deadline:
        sentences.append(deadline_text(verdict.deadline, verdict))
    return " ".join(sentences)


def _asked_of(answer: Answer, verdict: Judged) -> Iterator[str]:
    """What the paths come to that the request names, where the first sentence does not say it."""
    if not verdict.offered:
        return
    said = {contender.path for contender in verdict.offered[:2]}
    if len(verdict.offered) == 1:
        said.add(BillingPath.TINKER)
    amounts = {c.path: c for c in (*verdict.offered, *verdict.notional)}
    for path in BillingPath:
        if path not in answer.request.paths or path in said:
            continue
        contender = amounts.get(path)
        if contender is None:
            yield f"{PATH_NAMES[path]} has no amount here."
        elif contender.reasons:
            yield f"{_name(contender)} is notional at {money(contender.usd)}: {_why(contender)}."
        else:
            yield f"{_name(contender)} comes to {money(contender.usd)}."


def _order(verdict: Judged, run: str) -> str:
    """Which path is cheapest and by how much; that only one can be bought comes first. Empty for none."""
    if not verdict.offered:
        return ""
    best, *others = verdict.offered
    each = f"{money(best.usd)} for {run}, {money(best.usd_per_episode)} each"
    if not others:
        return f"Only {_name(best)} can be bought as asked: {each}.{_tinker_too(verdict, best)}"
    rival = others[0]
    if verdict.too_close:
        return (
            f"Too close to call: {_name(best)} takes {money(best.usd)} to {money(best.usd_high)} for {run}, "
            f"by how far prefill and decode overlap, and {_name(rival)} {money(rival.usd)}."
        )
    if rival.usd and not best.usd:
        return (
            f"{_name(best)} is cheapest: {each}. {_name(rival)} comes next at {money(rival.usd)}."
        )
    if not against(rival.usd, best.usd).endswith("cheaper"):
        return f"{_name(best)} and {_name(rival)} are at par: {money(best.usd)} and {money(rival.usd)} for {run}."
    next_one = f"{money(rival.usd)}, {times(rival.usd, best.usd)} as much"
    return f"{_name(best)} is cheapest: {each}. {_name(rival)} comes next at {next_one}."


def _tinker_too(verdict: Judged, only: Contender) -> str:
    """What Tinker would have come to, where it is not what can be bought."""
    for contender in verdict.notional:
        if contender.path is BillingPath.TINKER and only.usd:
            much = f"{money(contender.usd)}, {times(contender.usd, only.usd)} as much"
            return f" {_name(contender)} is notional at {much}: {_why(contender)}."
    return ""


def _nothing(verdict: Judged, model: str) -> str:
    """Why no path can be bought, and what the notional amounts are."""
    if not verdict.notional:
        return f"No path can be bought as asked for {model}, and none has an amount for that day."
    needs = _beyond_every_window(verdict.notional)
    if needs:
        amounts = [f"{_name(c)} at {money(c.usd)}" for c in verdict.notional]
        why = f": an episode peaks at {needs:,} tokens, beyond every window"
    else:
        amounts = [f"{_name(c)} at {money(c.usd)} ({_why(c)})" for c in verdict.notional]
        why = ""
    return f"No path can be bought as asked for {model}{why}. Notional: {listed(amounts)}."


def _beyond_every_window(contenders: Sequence[Contender]) -> int:
    """What an episode peaks at, in tokens, where that alone keeps every path from being bought; 0 where not."""
    overflows = [
        next((reason for reason in c.reasons if isinstance(reason, ContextOverflow)), None)
        for c in contenders
    ]
    return overflows[0].needs_tokens if overflows[0] and all(overflows) else 0


def budget_text(within: Within, verdict: Judged) -> str:
    """Whether a sum is enough, as far as the band of dedicated lets one say."""
    budget = limit(within.limit)
    if not verdict.offered:
        covered = path_names([path for path, holds in within.holds.items() if holds])
        return f"{budget} would cover {covered or 'none of them'}."
    if not (within.sure or within.unsure):
        return f"{budget} is enough for none that can be bought."
    clauses = []
    if within.sure:
        clauses.append(f"{budget} is enough for {_names(within.sure)}")
    if within.unsure:
        clauses.append(
            f"whether {budget} is enough for {_names(within.unsure)} is too close to call"
        )
    sentence = "; ".join(clauses)
    return f"{sentence[0].upper()}{sentence[1:]}."


def deadline_text(within: Within, verdict: Judged) -> str:
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


def _listed(answer: Answer, verdict: Listed) -> str:
    """The rates themselves where they are few, otherwise how many there are and how old the oldest check is."""
    whose = (
        f" for {listed(f'`{key}`' for key in answer.request.models)}"
        if answer.request.models
        else ""
    )
    if not verdict.in_force:
        own = " of its own" if answer.request.models else ""
        return f"No rate card{own}{whose} is in force on {verdict.on}."
    if verdict.in_force <= _SPELLED_OUT:
        rates = [
            f"{card_label(c.card)} at {card_rates(c.card)}" for c in answer.cards if c.in_force
        ]
        return f"In force{whose} on {verdict.on}: {'; '.join(rates)}."
    checked = f"the oldest of them checked on {verdict.least_recently_verified}"
    return (
        f"{plural(verdict.in_force, 'rate card')}{whose} are in force on {verdict.on}, {checked}."
    )


def _why(contender: Contender) -> str:
    return "; ".join(reason_clause(reason) for reason in contender.reasons)


def _names(contenders: Iterable[Contender]) -> str:
    return path_names([contender.path for contender in contenders])


def _name(contender: Contender) -> str:
    return variant_name(contender.path, contender.variant)
