"""Slack's limits: what fits is left alone, and what does not is cut with a word about it."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from bot.formatting.blocks import Block
from bot.formatting.buttons import ActionId, button, open_form
from bot.formatting.fit import fit_message, fit_text, fit_view
from bot.formatting.layout import Chart, Section, Sourced, Table, View
from bot.formatting.reply import Reply, reply_to
from tests.bot.asking import LONG_RUN, estimate, rates
from tests.fake_slack import message_faults, shared_faults, view_faults

NO_ANSWER_BUTTONS: Block = {"type": "actions", "elements": [open_form()]}


def reply(*sections: Section, summary: str = "It costs $1.") -> Reply:
    return Reply(view=View(summary=summary, sections=sections), beneath=(NO_ANSWER_BUTTONS,))


def table(rows: int, width: int) -> Table:
    return Table(
        header=("What", "Why"),
        rows=tuple((f"row {row}", "y" * width) for row in range(1, rows + 1)),
        numeric=frozenset(),
    )


def fact(number: int) -> Section:
    return Section(facts=((f"fact {number}", "true"),))


def texts(payload: Any) -> Iterator[str]:
    """Every text that is shown, save the buttons'."""
    if isinstance(payload, dict) and payload.get("type") != "actions":
        if isinstance(payload.get("text"), str):
            yield payload["text"]
        payload = list(payload.values())
    if isinstance(payload, list):
        for part in payload:
            yield from texts(part)


LARGE = {
    "many rows": reply(Section(title="Rates", table=table(150, 20))),
    "wide rows": reply(Section(title="Rates", table=table(90, 200))),
    "three tables": reply(*[Section(title="Rates", table=table(90, 100))] * 3),
    "many facts": reply(Section(title="Facts", facts=(("what", "y" * 100),) * 300)),
    "short facts": reply(Section(title="Facts", facts=(("a", "b"),) * 2_000)),
    "notes": reply(Section(title="Notes", lines=tuple("n" * 100 for _ in range(400)))),
    "short notes": reply(Section(title="Notes", lines=("n",) * 3_000)),
    "one long note": reply(Section(title="Notes", lines=("n" * 9_000,))),
    "sources": reply(
        Section(
            title="Sources", lines=(Sourced("as read", "https://tinker.example/" + "p" * 90),) * 300
        )
    ),
    "a long summary": reply(summary="word & <b> " * 2_000),
    "quotes": reply(Section(title="Facts", facts=(('"' * 50, "\\" * 50),) * 200)),
    "many sections": reply(*map(fact, range(60))),
    "long names": reply(
        Section(
            title="T" * 300,
            table=table(3, 3),
            chart=Chart(
                title="c" * 90,
                axis="a" * 90,
                bars=(("one" * 20, Decimal(1)), ("two" * 20, Decimal(2))),
            ),
        )
    ),
    "everything": reply(
        *[
            Section(
                title="T",
                table=table(60, 90),
                lines=("n" * 500,) * 9,
                facts=(("f", "y" * 300),) * 9,
            )
        ]
        * 9,
        summary="word " * 500,
    ),
}


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
@pytest.mark.parametrize("name", LARGE)
def test_whatever_is_said_slack_takes_it(name: str, native: bool) -> None:
    body = {"text": LARGE[name].text, "blocks": LARGE[name].blocks(native=native)}
    assert message_faults(body) == []
    assert shared_faults("message", body) == []
    assert len(json.dumps(body["blocks"], ensure_ascii=False)) < 40_000
    assert sum(map(len, texts(body["blocks"]))) < 12_000
    assert len(body["text"]) <= 4_000
    assert body["blocks"][-1] == NO_ANSWER_BUTTONS


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
@pytest.mark.parametrize(
    "answer", [estimate(fields=LONG_RUN), rates("kimi-k2p6")], ids=["estimate", "rates"]
)
def test_what_fits_is_left_as_it_is(answer: Any, native: bool) -> None:
    fitted = reply_to(answer, shareable=True).blocks(native=native)
    assert fit_message(fitted) == fitted
    assert "did not fit" not in json.dumps(fitted)
    assert "…" not in "".join(texts(fitted))


def test_blocks_that_fit_are_the_same_blocks() -> None:
    blocks = [
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "one\n\ntwo"}]},
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "three"}]}
            ],
        },
        NO_ANSWER_BUTTONS,
    ]
    assert fit_message(blocks) == blocks
    assert fit_view({"type": "home", "blocks": blocks}) == {"type": "home", "blocks": blocks}


def test_rows_that_do_not_fit_are_counted() -> None:
    _, shown, remark, _ = reply(Section(title="Rates", table=table(150, 20))).blocks()
    assert len(shown["rows"]) == 101
    assert shown["page_size"] == 100
    assert remark["elements"][0]["text"].startswith("100 of 150 rows fit here.")


def test_rates_of_everything_are_shown_whole() -> None:
    answer = rates()
    blocks = reply_to(answer, shareable=True).blocks()
    rows = [len(block["rows"]) - 1 for block in blocks if block["type"] == "data_table"]
    assert sum(rows) == len(answer.cards) > 50
    assert not any("fit here" in text for text in texts(blocks))


def test_notes_that_do_not_fit_are_counted_above_the_buttons() -> None:
    # 8,000 characters and 3,000 more are within 12,000; another 3,000 are not.
    lines = (*["n" * 950] * 8, "m" * 2_999, "l" * 2_999)
    *_, remark, buttons = reply(Section(lines=lines)).blocks()
    assert remark["elements"][0]["text"] == "1 more line did not fit here."
    assert buttons == NO_ANSWER_BUTTONS


def test_of_sixty_blocks_fifty_are_kept_with_the_buttons() -> None:
    blocks = reply(*map(fact, range(1, 61))).blocks()
    assert len(blocks) == 50
    # A sentence, 47 facts, the remark, the buttons: 13 of the 60 facts are left out.
    assert blocks[-2]["elements"][0]["text"] == "13 more parts did not fit here."
    assert blocks[-1] == NO_ANSWER_BUTTONS
    assert "fact 47  " in list(texts(blocks[-3]))


def test_a_view_keeps_a_hundred_blocks() -> None:
    blocks: list[Block] = [{"type": "divider"}] * 120
    view = fit_view({"type": "home", "blocks": [*blocks, NO_ANSWER_BUTTONS]})
    assert len(view["blocks"]) == 100
    assert view["blocks"][-2]["elements"][0]["text"] == "22 more parts did not fit here."
    assert view_faults(view) == []


def test_long_labels_end_in_an_ellipsis_and_what_a_press_carries_stays_whole() -> None:
    pressed = button("x" * 90, ActionId.ASK, value="v" * 1_999)
    (fitted,) = fit_message([{"type": "actions", "elements": [pressed]}])
    assert fitted["elements"][0]["text"]["text"] == "x" * 74 + "…"
    assert fitted["elements"][0]["value"] == "v" * 1_999


def chart(*labels: str) -> Section:
    bars = tuple((label, Decimal(at)) for at, label in enumerate(labels))
    return Section(chart=Chart(title="Amounts", axis="US dollars", bars=bars))


def test_long_labels_of_bars_are_cut_where_they_stay_apart() -> None:
    block = reply(chart("b" + "x" * 30, "c" * 20)).blocks()[1]
    assert block["chart"]["axis_config"]["categories"] == ["b" + "x" * 18 + "…", "c" * 20]
    assert [point["label"] for point in block["chart"]["series"][0]["data"]] == [
        "b" + "x" * 18 + "…",
        "c" * 20,
    ]


def test_bars_whose_labels_a_cut_makes_alike_are_not_drawn() -> None:
    blocks = reply(chart("x" * 30 + "1", "x" * 30 + "2")).blocks()
    assert [block["type"] for block in blocks] == ["rich_text", "actions"]


def test_a_text_is_cut_to_its_length() -> None:
    assert fit_text("abcd", 4) == "abcd"
    assert fit_text("abcde", 4) == "abc…"
