"""The list of presets: all of them, or those whose name begins as was asked."""

from bot.answers import Answer
from bot.requests.request import Intent, Request
from bot.verdicts import ShapesListed
from pricing.shapes import presets
from tests.bot.asking import ask


def listed(prefix: str | None = None) -> Answer:
    return ask(Request(intent=Intent.SHAPES, fields={}, prefix=prefix))


def test_all_presets_are_listed_in_their_order() -> None:
    answer = listed()
    assert answer.shapes == presets().shapes
    assert answer.verdict == ShapesListed(prefix=None, of=18)
    assert (answer.models, answer.workload, answer.caveats) == ((), None, ())


def test_a_prefix_lists_those_that_begin_so() -> None:
    answer = listed("swe")
    assert [shape.name for shape in answer.shapes] == [
        "swe-pro-sonnet45",
        "swe-pro-gpt5",
        "swe-skyrl-agent-cap",
        "swe-rl-32k-cap",
    ]
    assert answer.verdict == ShapesListed(prefix="swe", of=18)
