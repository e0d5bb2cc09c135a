"""Help: an example of everything that can be asked, each of which works as it stands."""

import pytest

from bot.formatting.help_view import EXAMPLES, SLACK_EXAMPLES, help_sections
from bot.formatting.text import render
from bot.formatting.views import view
from bot.requests import Intent, read
from bot.requests.request import Request
from bot.verdicts import Helped, NotSwept, Refused
from tests.bot.asking import CATALOGUE, TODAY, ask

TYPED = [example for examples in EXAMPLES.values() for _, example in examples]
IN_SLACK = [example for examples in SLACK_EXAMPLES.values() for _, example in examples]


@pytest.mark.parametrize("example", TYPED)
def test_every_example_is_answered(example: str) -> None:
    answer = ask(read(example, CATALOGUE, today=TODAY))
    assert not isinstance(answer.verdict, Helped | Refused | NotSwept)
    assert "Try `" not in view(answer).summary


def test_whatever_can_be_asked_has_an_example() -> None:
    readings = [read(example, CATALOGUE, today=TODAY) for example in TYPED]
    not_shown = {Intent.HELP, Intent.NONE, Intent.DIGEST}
    assert {reading.intent for reading in readings} == {*Intent} - not_shown
    assert any(reading.preset for reading in readings)
    assert any(reading.export for reading in readings)
    assert {example.split()[0] for example in IN_SLACK} == {"save", "digest", "history", "review"}


def test_slack_shows_what_it_has_beside_and_the_terminal_where_runs_are_saved() -> None:
    shown = {
        in_slack: [section.title for section in help_sections(in_slack=in_slack)]
        for in_slack in (True, False)
    }
    assert shown[True][:-1] == [*EXAMPLES, *SLACK_EXAMPLES]
    assert shown[False][:-1] == [*EXAMPLES]
    text = render(view(ask(Request(intent=Intent.HELP, fields={}))))
    assert "Runs are saved in Slack channels" in text


def test_help_fits_a_phone_twice() -> None:
    # A phone shows about 22 lines of 45 signs.
    lines = [f"{what}  {text}" for s in help_sections(in_slack=True) for what, text in s.facts]
    titles = len(EXAMPLES) + len(SLACK_EXAMPLES)
    assert titles + sum(-(-len(line) // 45) for line in lines) <= 44
