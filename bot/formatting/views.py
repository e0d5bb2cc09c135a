"""Answer -> view: what is said and in which order, as strings. Every rendering lays out the same view."""

from typing import assert_never

from bot.answers import SHAPE_DEFAULTS, Answer
from bot.formatting.estimate_view import estimate_sections
from bot.formatting.layout import Section, View
from bot.formatting.rates_view import rates_sections
from bot.formatting.request_wording import field_words
from bot.formatting.verdict_wording import verdict_text
from bot.verdicts import (
    Compared,
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
)

EXAMPLES = (
    ("a model and its run", "kimi-k2p6 turns=20 episodes=5000"),
    (
        "the same in words",
        "price 5k rollouts of kimi k2.6, twenty turns each, 8k prompt growing 12k a turn",
    ),
    ("a published shape of run", "swe-pro-sonnet45 kimi-k2p6"),
    ("a cluster of your own", "qwen 397b on 16 B200, 40k prefill tok/s, 2400 decode tok/s"),
    ("a budget or a deadline", "gpt-oss-120b budget=$5k deadline=6h"),
    ("the rates of a day", "kimi-k2p6 as of 2026-05-16"),
    ("rate cards", "rates kimi-k2p6"),
)
"""What can be asked, and how."""

SLACK_EXAMPLES = (
    ("each rate of a model over time", "history kimi-k2p6"),
    ("a run of this channel", "save nightly kimi-k2p6 turns=20 episodes=5000"),
    ("what rate changes do to its runs", "digest subscribe daily at 09:00 Europe/Berlin"),
    ("changes of rates to decide on", "review"),
)
"""What can be asked in Slack beside a price."""


def view(answer: Answer, *, published: bool = False) -> View:
    """The view of an answer. `published` says of an estimate also that the published calculator had no figures."""
    return View(summary=verdict_text(answer), sections=_sections(answer, published=published))


def _sections(answer: Answer, *, published: bool) -> tuple[Section, ...]:
    match answer.verdict:
        case Judged():
            return tuple(estimate_sections(answer, published=published))
        case Listed():
            return tuple(rates_sections(answer))
        case ShapesListed():
            from bot.formatting.shapes_view import shapes_sections  # few ask for it

            return tuple(shapes_sections(answer))
        case Helped():
            examples = tuple((what, f"`{example}`") for what, example in EXAMPLES)
            return (Section(title="Ask for", facts=examples), Section(lines=(_defaults(),)))
        case Refused() | DigestsInSlack() | Silent():
            return ()
        case Compared() | Swept() | NotSwept() | Limited() | Solved() | Explained():
            from bot.formatting.questions import question_sections  # most answers are estimates

            return tuple(question_sections(answer))
        case _:
            assert_never(answer.verdict)


def _defaults() -> str:
    run = ", ".join(field_words(field, value) for field, value in SHAPE_DEFAULTS.items())
    return (
        f"Not said: {run}, the model's own cluster, today's rates. "
        "Each default that is used is named in the reply."
    )
