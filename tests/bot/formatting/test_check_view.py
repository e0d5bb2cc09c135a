"""A check of the sources in words and as JSON: which answered, what moved, and why some of it is held."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from bot.checks import CheckedSource, CheckReport, Outcome, Withdrawn
from bot.formatting.check_view import check_json, check_view
from bot.formatting.layout import View
from bot.formatting.text import render
from bot.store.observations import Observation
from pricing.cards import CardKey, CardPath
from pricing.changes import RateName
from pricing.judgement import Finding, Flag, Hold, Status
from pricing.observed import Change
from pricing.sources import SOURCES, FaultCode, FetchError, ParseError, SourceId
from tests.pricing.books import gpu_card, serverless_card

ON = date(2026, 11, 21)
STANDARD = CardKey(CardPath.SERVERLESS_STANDARD, "kimi-k2p6", None)
TINKER = CardKey(CardPath.TINKER, "kimi-k2p6", 32_768)
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
    assert view.summary.startswith("1 of 2 sources gave rates: nothing has changed there. ")
    assert view.summary.endswith(
        "Fireworks' pricing page answered and was not believed; its last rates stay."
    )
    assert "not believed, not laid out as it was: the page has no table" in " ".join(
        render(view).split()
    )


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
    assert "$1.20 at genai-prices, $1.00 on our card" in " ".join(text.split())


# -- what gave nothing -----------------------------------------------------------------------------


UNKNOWN_HOST = "since no address of its host is known; look whether it opens from this machine"


def unread(source_id: SourceId, why: str = UNKNOWN_HOST) -> CheckedSource:
    fault = FetchError(
        FaultCode.UNREACHABLE, f"`{SOURCES[source_id].url}` could not be read, {why}"
    )
    return replace(source(source_id, Outcome.FAULT), fault=fault)


def words(view: View) -> str:
    return " ".join(render(view).split())


def test_where_no_source_could_be_read_nothing_is_known_and_the_common_reason_is_said_once() -> (
    None
):
    view = check_view(report(*map(unread, SOURCES)))
    assert view.summary == (
        "No source could be read, so nothing is known of changes: this machine cannot look up "
        "their hosts. The last rates stay."
    )
    assert words(view).count("look up their hosts") == 1
    assert "no address of its host" not in words(view)
    assert "nothing has changed" not in words(view)


def test_reasons_that_differ_stand_with_each_source() -> None:
    other = "since no connection was made; look whether it opens from this machine"
    view = check_view(report(unread(SourceId.TINKER_MODELS), unread(SourceId.GENAI_PRICES, other)))
    assert view.summary == (
        "No source could be read, so nothing is known of changes. The last rates stay."
    )
    assert "no address of its host is known" in words(view)
    assert "no connection was made" in words(view)


def test_one_source_that_could_not_be_read_says_why_in_its_own_line() -> None:
    view = check_view(report(QUIET, unread(SourceId.GENAI_PRICES)))
    assert view.summary == (
        "1 of 2 sources answered: nothing has changed there. "
        "genai-prices could not be read; its last rates stay."
    )
    assert "no address of its host is known" in words(view)


def test_two_that_could_not_be_read_keep_their_rates() -> None:
    view = check_view(
        report(QUIET, unread(SourceId.GENAI_PRICES), unread(SourceId.FIREWORKS_SERVERLESS))
    )
    assert "could not be read; their last rates stay." in view.summary


def test_where_none_is_believed_nothing_is_known_either() -> None:
    view = check_view(report(FAULTY, unread(SourceId.GENAI_PRICES)))
    assert view.summary == (
        "No source gave rates, so nothing is known of changes. "
        "genai-prices could not be read; its last rates stay. "
        "Fireworks' pricing page answered and was not believed; its last rates stay."
    )


def test_with_every_source_off_nothing_was_asked() -> None:
    view = check_view(report(OFF, source(SourceId.TINKER_MODELS, Outcome.OFF), waiting=2))
    assert view.summary == (
        "Every source is off, so nothing was asked, and the last rates stay. "
        "2 changes to review: `rlcost rates review`."
    )


def test_an_amount_in_a_fault_is_written_as_everywhere_and_the_reason_stands_before_it() -> None:
    text = "`B300 288 GB GPU | $2.500` would be 1,150.000 dollars an hour"
    faulty = replace(FAULTY, fault=ParseError(FaultCode.UNIT, text))
    said = words(check_view(report(faulty)))
    assert (
        "not believed, its unit cannot be right: `B300 288 GB GPU | $2.500` "
        "would be $1,150.00 an hour" in said
    )


def test_a_source_that_lists_what_another_one_s_change_is_about_is_not_said_to_be_unchanged() -> (
    None
):
    decides = source(SourceId.TINKER_MODELS, Outcome.CHANGED, replace(GONE, key=TINKER))
    facts = dict(
        check_view(
            report(
                decides,
                source(SourceId.TINKER_PRICING, Outcome.UNCHANGED),
                source(SourceId.FIREWORKS_GPU, Outcome.UNCHANGED),
            )
        )
        .sections[0]
        .facts
    )
    assert list(facts.values()) == ["1 change", "no change of its own", "unchanged"]


def test_a_model_that_is_back_is_held_because_it_is_listed_although_it_had_ended() -> None:
    back = replace(HELD, hold=Hold.BACK_AGAIN, before=None, reason="its rates ended on 2026-11-20")
    said = words(check_view(report(source(SourceId.FIREWORKS_GPU, Outcome.CHANGED, back))))
    assert "B300 288GB: it is listed again although its rates ended on 2026-11-20." in said


# -- what waits no longer --------------------------------------------------------------------------


def claim(key: CardKey = HELD.key) -> Observation:
    return Observation(
        id=7,
        fingerprint="f",
        key=key,
        on=ON,
        card=HELD.after,
        card_before=HELD.before,
        status="quarantined",
        hold="over_threefold",
        reason=HELD.reason,
        source=SourceId.FIREWORKS_GPU,
        quote="",
        observed_at=datetime(2026, 11, 21, 9, tzinfo=UTC),
        decided_at=None,
        decided_by=None,
        decided_why=None,
    )


def test_a_held_change_that_its_source_took_back_is_named() -> None:
    checked = replace(report(QUIET), withdrawn=(Withdrawn(claim=claim(), is_as_card=True),))
    assert check_view(checked).summary == (
        "1 of 1 source answered: nothing has changed. "
        "1 held change was withdrawn: B300 288GB is as its card says again."
    )
    assert check_json(checked)["withdrawn"] == [
        {
            "id": 7,
            "model": None,
            "path": "dedicated",
            "variant": "B300_288GB",
            "gpu_type": "B300_288GB",
            "as_card": True,
        }
    ]


def test_of_a_held_change_that_became_another_one_the_card_is_not_said_to_be_right() -> None:
    both = (
        Withdrawn(claim=claim(), is_as_card=False),
        Withdrawn(claim=claim(STANDARD), is_as_card=True),
    )
    assert (
        "2 held changes were withdrawn, of B300 288GB and kimi-k2p6, Serverless standard: "
        "their sources do not say so any more."
        in check_view(replace(report(QUIET), withdrawn=both)).summary
    )


def test_many_that_are_withdrawn_are_counted() -> None:
    many = tuple(
        Withdrawn(claim=claim(replace_item(STANDARD, f"model-{n}")), is_as_card=True)
        for n in range(12)
    )
    said = check_view(replace(report(QUIET), withdrawn=many)).summary
    assert "12 held changes were withdrawn: their sources do not say so any more." in said
    assert "model-" not in said


def replace_item(key: CardKey, item: str) -> CardKey:
    return CardKey(key.path, item, key.window_tokens)


def test_what_was_announced_and_is_no_longer_is_said_to_be_called_off() -> None:
    off = Change(key=STANDARD, on=date(2026, 12, 1), card=TAKEN.after, seen_on=ON)
    assert (
        "1 announced change was called off: kimi-k2p6, Serverless standard from 2026-12-01."
        in check_view(replace(report(QUIET), called_off=(off,))).summary
    )
