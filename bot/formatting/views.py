"""Answer -> view: what is said and in which order, as strings. Every rendering lays out the same view."""

from typing import assert_never

from bot.answers import Answer
from bot.formatting.estimate_view import estimate_sections
from bot.formatting.layout import Section, View
from bot.formatting.rates_view import rates_sections
from bot.formatting.verdict_wording import verdict_text
from bot.verdicts import Helped, Judged, Listed, NotAnsweredYet, Refused, Silent

_HELP = (
    ("a model and its run", "kimi-k2p6 turns=20 episodes=5000"),
    (
        "the same in words",
        "price 5k rollouts of kimi k2.6, twenty turns each, 8k prompt growing 12k a turn",
    ),
    ("a cluster of your own", "qwen 397b on 16 B200, 40k prefill tok/s, 2400 decode tok/s"),
    ("a budget or a deadline", "gpt-oss-120b budget=$5k deadline=6h"),
    ("the rates of a day", "kimi-k2p6 as of 2026-05-16"),
    ("rate cards", "rates kimi-k2p6"),
)
_DEFAULTS = (
    "Not said: 8 turns, 1,000 episodes, 8,000 initial prompt tokens, 12,000 added and 2,000 decoded per turn, "
    "the model's own cluster, today's rates. Each default that is used is named in the reply."
)


def view(answer: Answer) -> View:
    """The view of an answer."""
    return View(summary=verdict_text(answer), sections=tuple(_sections(answer)))


def _sections(answer: Answer) -> tuple[Section, ...]:
    match answer.verdict:
        case Judged():
            return tuple(estimate_sections(answer))
        case Listed():
            return tuple(rates_sections(answer))
        case Helped():
            return (Section(title="Ask for", facts=_HELP), Section(lines=(_DEFAULTS,)))
        case Refused() | NotAnsweredYet() | Silent():
            return ()
        case _:
            assert_never(answer.verdict)
