"""A check of the sources in words and as JSON: which answered, what moved, and why some of it is held."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from bot.checks import CheckedSource, CheckReport, Outcome
from bot.formatting.check_view import check_json, check_view
from bot.formatting.text import render
from pricing.cards import CardKey, CardPath
from pricing.changes import RateName
from pricing.judgement import Finding, Flag, Hold, Status
from pricing.sources import SOURCES, FaultCode, ParseError, SourceId
from tests.pricing.books import gpu_card, serverless_card

ON = date(2026, 11, 21)
STANDARD = CardKey(CardPath.SERVERLESS_STANDARD, "kimi-k2p6", None)
HELD = Finding(
    key=CardKey(CardPath.DEDICATED, "B300_288GB", None),
    on=ON,
    before=gpu_card("15"),
    after=gpu_card("150"),
    status=Status.QUARANTINED,
    hold=Hold.OVER_THREEFOLD,
    reason="the GPU-hour rises from $15.00 to $150.00, more than threefold",
    source=SourceId.FIREWORKS_GPU,
    quote="B300 | $150.00",
)
TAKEN = Finding(
    key=STANDARD,
    on=ON,
    before=serverless_card("1.00"),
    after=serverless_card("1.10"),
    status=Status.IN_FORCE,
    hold=None,
    reason="",
    source=SourceId.FIREWORKS_SERVERLESS,
    quote="",
)
GONE = replace(TAKEN, after=None, status=Status.QUARANTINED, hold=Hold.GONE, reason="not listed")


def source(source_id: SourceId, outcome: Outcome, *findings: Finding) -> CheckedSource:
    return CheckedSource(source=SOURCES[source_id], outcome=outcome, findings=findings)


def report(*sources: CheckedSource, waiting: int = 0) -> CheckReport:
    return CheckReport(on=ON, sources=sources, waiting=waiting, recorded=True)


QUIET = source(SourceId.TINKER_MODELS, Outcome.UNCHANGED)
OFF = source(SourceId.GENAI_PRICES, Outcome.OFF)
FAULTY = replace(
    source(SourceId.FIREWORKS_GPU, Outcome.FAULT),
    fault=ParseError(FaultCode.FORMAT, "the page has no table"),
)


def test_a_check_that_found_nothing_says_so_of_the_sources_that_are_on() -> None:
    view = check_view(report(QUIET, OFF))
    assert view.summary == "1 of 1 source answered: nothing has changed."
    assert not any(section.table for section in view.sections)


def test_changes_are_counted_by_what_becomes_of_them() -> None:
    taken = source(SourceId.FIREWORKS_SERVERLESS, Outcome.CHANGED, TAKEN)
    held = source(SourceId.FIREWORKS_GPU, Outcome.CHANGED, HELD)
    view = check_view(report(taken, held, QUIET, waiting=1))
    assert view.summary == (
        "3 of 3 sources answered: 1 change in force and 1 change held. "
        "1 change to review: `rlcost rates review`."
    )
    text = render(view)
    assert "the GPU-hour rises from $15.00 to $150.00, more than threefold" in text
    assert "B300 288GB" in text


def test_a_source_at_fault_is_named_with_what_is_wrong_and_its_last_rates_stay() -> None:
    view = check_view(report(QUIET, FAULTY))
    assert view.summary.startswith("1 of 2 sources answered: nothing has changed. ")
    assert "could not be read; their last rates stay." in view.summary
    assert "the page has no table" in render(view)


def test_each_rate_that_moved_is_one_change_for_a_program() -> None:
    (said,) = check_json(report(source(SourceId.FIREWORKS_SERVERLESS, Outcome.CHANGED, TAKEN)))[
        "sources"
    ]
    assert said["outcome"] == "changed"
    assert said["fault"] is None
    assert [(c["rate"], c["before"], c["after"], c["status"]) for c in said["changes"]] == [
        ("input", 1, 1.1, "in_force"),
        ("output", 1, 1.1, "in_force"),
    ]
    assert said["changes"][0]["model"] == "kimi-k2p6"
    assert said["changes"][0]["path"] == "serverless_standard"
    assert said["changes"][0]["effective_from"] == "2026-11-21"


def test_what_is_gone_has_no_rate_afterwards() -> None:
    checked = source(SourceId.FIREWORKS_SERVERLESS, Outcome.CHANGED, GONE)
    changes = check_json(report(checked))["sources"][0]["changes"]
    assert [(c["rate"], c["before"], c["after"]) for c in changes] == [
        ("input", 1, None),
        ("output", 1, None),
    ]
    assert {c["reason"] for c in changes} == {"not listed"}
    assert "gone" in render(check_view(report(checked)))


def test_a_fault_and_a_source_that_is_off_for_a_program() -> None:
    faulty, off = check_json(report(FAULTY, OFF))["sources"]
    assert faulty["fault"] == {"code": FaultCode.FORMAT.value, "text": "the page has no table"}
    assert (off["outcome"], off["fault"], off["changes"]) == ("off", None, [])


def test_a_feed_that_says_otherwise_is_told_as_what_decides_nothing() -> None:
    flag = Flag(
        key=STANDARD,
        rate=RateName.INPUT,
        card_usd=Decimal("1.00"),
        feed_usd=Decimal("1.20"),
        source=SourceId.GENAI_PRICES,
    )
    text = render(check_view(report(replace(QUIET, flags=(flag,)))))
    assert "which decides nothing" in text
    assert "$1.20" in text
