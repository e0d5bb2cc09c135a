"""The first sentences of an answer: what it comes to, or what to type instead."""

from typing import assert_never

from bot.answers import Answer
from bot.formatting.judged_wording import judged_text
from bot.formatting.rates_view import card_label, card_rates
from bot.formatting.request_wording import problem_text
from bot.formatting.wording import (
    listed,
    named_cards_words,
    path_names,
    plural,
)
from bot.judged import Judged
from bot.requests.request import ProblemCode
from bot.verdicts import (
    Compared,
    DigestsInSlack,
    Explained,
    Helped,
    Limited,
    Listed,
    NotSwept,
    Refused,
    ShapesListed,
    Silent,
    Solved,
    Swept,
)
from engine.caveats import (
    BillingPath,
    OnlyNamedCards,
)

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
    if answer.instead is None:
        return said
    from bot.formatting.offer_wording import offer_text  # most runs can be bought

    model = answer.models[0].model if len(answer.models) == 1 else None
    return f"{said} {offer_text(answer.request, answer.instead, model)}"


def _said(answer: Answer) -> str:
    verdict = answer.verdict
    match verdict:
        case Judged():
            return _named_cards(answer) + judged_text(answer, verdict)
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


def _listed(answer: Answer, verdict: Listed) -> str:
    """The rates themselves where they are few, otherwise how many there are and how old the oldest check is."""
    whose = (
        f" for {listed(f'`{key}`' for key in answer.request.models)}"
        if answer.request.models
        else ""
    )
    if not verdict.in_force:
        own = " of its own" if answer.request.models else ""
        paths = [path for path in BillingPath if path in answer.request.paths]
        on = f" on {path_names(paths)}" if paths else ""
        return f"No rate card{own}{whose}{on} is in force on {verdict.on}."
    if verdict.in_force <= _SPELLED_OUT:
        rates = [
            f"{card_label(c.card)} at {card_rates(c.card)}" for c in answer.cards if c.in_force
        ]
        return f"In force{whose} on {verdict.on}: {'; '.join(rates)}."
    checked = f"the oldest of them checked on {verdict.least_recently_verified}"
    return (
        f"{plural(verdict.in_force, 'rate card')}{whose} are in force on {verdict.on}, {checked}."
    )
