"""The year 2026 by its own pages: what changed is told on its day and once, and nothing that held is lost or made up."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from bot.digests import Digest
from engine.caveats import BillingPath
from engine.costs import Notional, Offered, dedicated, token_billed
from engine.rates import Deployment
from engine.workload import Workload, count_tokens
from pricing.cards import CardKey, CardPath, Ended, GpuCard, ServerlessCard, TinkerCard
from pricing.changes import listed_rates_of
from pricing.snapshots import Announcement, Move, MoveKind
from tests.bot.asking import BOOK, CATALOGUE, ask
from tests.bot.year import (
    AT,
    BROKEN_DAYS,
    EVERYTHING,
    FIRST,
    GPT,
    LAST,
    MODELS_ASKED,
    NARROW,
    RUNS,
    TURNS_ASKED,
    ZONE,
    Told,
    Year,
    amounts,
    rates_on,
    replayed,
    run,
)
from tests.examples import shape

HISTORY = Path(__file__).parents[2].parent / "shared" / "reference" / "cards.jsonl"
DAY = timedelta(days=1)
TINKER, STANDARD, DEDICATED = (
    BillingPath.TINKER,
    BillingPath.SERVERLESS_STANDARD,
    BillingPath.DEDICATED,
)


class Count(NamedTuple):
    """How many keys a day brought, changed and took away."""

    new: int = 0
    changed: int = 0
    gone: int = 0


REAL_CHANGES = {
    date(2026, 1, 27): Count(new=5),
    date(2026, 4, 20): Count(new=1),
    date(2026, 4, 24): Count(new=11),
    date(2026, 5, 8): Count(new=1, changed=3, gone=1),
    date(2026, 5, 16): Count(new=7),
    date(2026, 6, 6): Count(gone=4),
    date(2026, 6, 13): Count(gone=1),
    date(2026, 6, 16): Count(new=1),
    date(2026, 7, 2): Count(new=11),
    date(2026, 7, 13): Count(gone=2),
    date(2026, 7, 17): Count(new=1, changed=20, gone=11),
    date(2026, 7, 27): Count(gone=2),
    date(2026, 7, 31): Count(new=23),
    date(2026, 8, 1): Count(new=1),
    date(2026, 8, 14): Count(gone=2),
    date(2026, 8, 25): Count(changed=2),
    date(2026, 8, 28): Count(gone=7),
    date(2026, 9, 1): Count(changed=7),
    date(2026, 9, 10): Count(new=20),
    date(2026, 9, 19): Count(new=1),
    date(2026, 9, 26): Count(gone=17),
    date(2026, 9, 29): Count(new=2),
    date(2026, 10, 1): Count(new=1),
    date(2026, 10, 7): Count(new=3),
    date(2026, 11, 8): Count(gone=5),
}
"""The days on which a rate was first seen, changed or ended, and for how many keys."""

GPT_CHANGES = (
    date(2026, 1, 27),  # the GPU-hour of its cluster is first seen
    date(2026, 4, 24),  # on serverless
    date(2026, 5, 8),  # the GPU-hour rises from $6 to $7
    date(2026, 5, 16),  # in Tinker's window of 128K
    date(2026, 7, 17),  # both of Tinker's windows
    date(2026, 7, 31),  # with priority
    date(2026, 9, 1),  # the GPU-hour rises to $8
    date(2026, 11, 8),  # gone from serverless
)

GPU_HOURS_ANNOUNCED = date(2026, 8, 12)

ANNOUNCED = {
    date(2026, 7, 2): 2,  # "Retiring July 12" beside both windows of Kimi K2.5
    date(2026, 7, 31): 9,  # the last days in the models API, of models that leave it as a whole
    GPU_HOURS_ANNOUNCED: 5,  # the second column of the page, from September 1
    date(2026, 8, 25): 2,  # DeepSeek V4 Flash 0731, once its rates of August have been replaced
    date(2026, 8, 28): 4,  # Kimi K2.6 and K2.7 Code, of which only the fast path had ended before
    date(2026, 9, 10): 6,  # three models that come with their last day
}

SAMPLES = tuple(
    date(2026, month, day)
    for month, day in (
        (1, 5), (2, 10), (4, 22), (5, 7), (5, 8), (6, 14), (7, 12), (7, 16), (7, 17),
        (8, 12), (8, 24), (8, 25), (8, 31), (9, 1), (9, 25), (9, 26), (11, 7), (11, 8), (12, 31),
    )
)  # fmt: skip

MONTHS = tuple(date(2026, month, 1) for month in range(2, 13))
CHECKED = frozenset(
    day
    for change in (*REAL_CHANGES, GPU_HOURS_ANNOUNCED)
    for day in (change - DAY, change, change + DAY)
) | {*MONTHS, *BROKEN_DAYS, BROKEN_DAYS[-1] + DAY, LAST}


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    folder = tmp_path_factory.mktemp("year")
    return asyncio.run(replayed(folder, checked=CHECKED, samples=SAMPLES))


# -- what really changed, out of the history ---------------------------------------------------------------


class Event(NamedTuple):
    """What a day did to a key: the rates before and from then on, None where there were none."""

    kind: MoveKind
    path: str
    item: str
    window_tokens: int | None
    before: tuple[Decimal | None, ...] | None
    after: tuple[Decimal | None, ...] | None


@cache
def history() -> tuple[Mapping[str, Any], ...]:
    if not HISTORY.exists():
        pytest.skip("the history of cards is not beside the repository")
    lines = HISTORY.read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines)


def events() -> dict[date, Counter[Event]]:
    """Of each key's rows, in order: the first, each that has other rates, and the day after a last one."""
    found: dict[date, Counter[Event]] = {}
    of_key: dict[tuple[str, str, int | None], list[Mapping[str, Any]]] = {}
    for row in history():
        window = row.get("window_tokens")
        key = (row["path"], row.get("model") or row["gpu_type"], int(window) if window else None)
        of_key.setdefault(key, []).append(row)
    for key, rows in of_key.items():
        rows.sort(key=lambda row: row["effective_from"])
        for before, after in pairwise([None, *rows, None]):
            day = day_of(after["effective_from"]) if after else day_after(before)
            assert before is None or day_after(before) == day  # no key has a gap
            if day is None or day <= FIRST:
                continue
            was, now = usd(before), usd(after)
            assert was != now
            kind = MoveKind.NEW if not was else MoveKind.GONE if not now else MoveKind.CHANGED
            found.setdefault(day, Counter())[Event(kind, *key, was, now)] += 1
    return found


def usd(row: Mapping[str, Any] | None) -> tuple[Decimal | None, ...] | None:
    """The rates of a row, in the order in which cards give theirs."""
    if row is None:
        return None
    if row["path"] == "dedicated":
        return (row["usd_per_gpu_hour"],)
    names = ["input_usd_per_mtok", "cached_input_usd_per_mtok", "output_usd_per_mtok"]
    names += ["train_usd_per_mtok"] * (row["path"] == "tinker")
    return tuple(row.get(name) for name in names)


def day_of(text: str) -> date:
    return date.fromisoformat(text)


def day_after(row: Mapping[str, Any] | None) -> date | None:
    return day_of(row["effective_to"]) + DAY if row and row.get("effective_to") else None


def event_of(move: Move) -> Event:
    before = tuple(listed_rates_of(move.before).values()) if move.before else None
    after = tuple(listed_rates_of(move.after).values()) if move.after else None
    key = move.key
    return Event(move.kind, str(key.path), str(key.item), key.window_tokens, before, after)


def test_the_days_of_the_history_are_those_that_stand_here() -> None:
    counted = {}
    for day, of_day in events().items():
        kinds = Counter(event.kind for event in of_day.elements())
        counted[day] = Count(kinds[MoveKind.NEW], kinds[MoveKind.CHANGED], kinds[MoveKind.GONE])
    assert counted == REAL_CHANGES


def test_the_days_of_gpt_oss_are_those_that_stand_here() -> None:
    concerned = {
        day
        for day, of_day in events().items()
        if any(event.item in (GPT, "H200_141GB") for event in of_day)
    }
    assert concerned == {*GPT_CHANGES}


# -- when channels were told -------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", [EVERYTHING, RUNS])
def test_there_is_a_digest_on_each_day_of_a_change_and_on_no_other(
    year: Year, channel: str
) -> None:
    # August 12 changed nothing yet: it is when the GPU-hours of September were announced.
    assert year.digests(channel).keys() == {*REAL_CHANGES, GPU_HOURS_ANNOUNCED}


def test_a_channel_of_one_model_hears_of_it_and_of_its_clusters_gpu_alone(year: Year) -> None:
    assert year.digests(NARROW).keys() == {*GPT_CHANGES, GPU_HOURS_ANNOUNCED}


def test_each_digest_tells_what_came_what_changed_and_what_went_that_day(year: Year) -> None:
    told = {}
    for day, digest in digests(year):
        kinds = Counter(move.kind for move in digest.moves)
        told[day] = Count(kinds[MoveKind.NEW], kinds[MoveKind.CHANGED], kinds[MoveKind.GONE])
        # The rates of a first sighting hold from the day of the check, which is the provider's where he named none.
        assert {move.on for move in digest.moves} <= {day}
    assert told == {**REAL_CHANGES, GPU_HOURS_ANNOUNCED: Count()}


def test_each_digest_tells_the_rates_of_the_history_to_the_last_digit(year: Year) -> None:
    told = {day: Counter(map(event_of, digest.moves)) for day, digest in digests(year)}
    del told[GPU_HOURS_ANNOUNCED]
    assert told == events()


def test_no_change_and_no_announcement_is_told_twice(year: Year) -> None:
    for channel in (EVERYTHING, RUNS, NARROW):
        moved: Counter[object] = Counter()
        said: Counter[object] = Counter()
        for _, digest in digests(year, channel):
            moved.update((move.key, move.on, move.kind) for move in digest.moves)
            said.update((one.key, one.on) for one in digest.announced)
        assert moved
        assert {*moved.values(), *said.values()} == {1}


def test_what_is_announced_is_told_when_it_is_seen_and_comes_true(year: Year) -> None:
    announced = {day: digest.announced for day, digest in digests(year) if digest.announced}
    assert {day: len(of_day) for day, of_day in announced.items()} == ANNOUNCED
    moves = {(move.key, move.on): move for _, digest in digests(year) for move in digest.moves}
    for one in (one for of_day in announced.values() for one in of_day):
        assert rates(one) == rates(moves[one.key, one.on])
    assert not any(digest.called_off for _, digest in digests(year))


def test_the_gpu_hours_of_september_and_the_end_of_kimi_k2p5_are_announced_in_full(
    year: Year,
) -> None:
    found = dict(digests(year))
    rise = {one.key.item: (rates(one), one.on) for one in found[GPU_HOURS_ANNOUNCED].announced}
    september_1 = date(2026, 9, 1)
    assert rise == {
        "H100_80GB": ((Decimal(8),), september_1),
        "H200_141GB": ((Decimal(8),), september_1),
        "B200_180GB": ((Decimal(13),), september_1),
        "B300_288GB": ((Decimal(15),), september_1),
        "GB300_288GB": ((Decimal(20),), september_1),
    }
    assert {(one.key, one.on, one.card) for one in found[date(2026, 7, 2)].announced} == {
        (CardKey(CardPath.TINKER, "kimi-k2p5", window), date(2026, 7, 13), None)
        for window in (32_768, 131_072)
    }


def test_everything_comes_at_nine_in_berlin_in_winter_and_in_summer(year: Year) -> None:
    times = {told.at.astimezone(ZoneInfo(ZONE)).strftime("%H:%M") for told in everything(year)}
    assert times == {AT}
    assert {told.at.hour for told in everything(year)} == {7, 8}


def test_each_channel_gets_one_message_a_day_at_most_and_slack_takes_each_as_it_is(
    year: Year,
) -> None:
    for channel, told in year.told.items():
        assert max(Counter(each.day for each in told).values()) == 1, channel
    assert year.refused == []


# -- what else they were told ------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", [EVERYTHING, RUNS, NARROW])
def test_a_month_that_begins_in_silence_says_that_the_checks_are_alive(
    year: Year, channel: str
) -> None:
    silent = [day for day in MONTHS if day not in year.digests(channel)]
    others = year.other(channel)
    assert others.keys() == {*silent, date(2026, 3, 13)}
    for day in silent:
        before = max(told.at for told in year.told[channel] if told.day < day)
        checks = sum(before < at <= others[day].at for at in year.reports)
        assert others[day].text == (
            f"No rate that concerns this channel has changed since {before.date()}; "
            f"{checks} check{'s' * (checks != 1)} since, the last on {day}."
        )


def test_pages_that_fail_for_three_days_are_told_of_once(year: Year) -> None:
    broken = {
        at.date(): {checked.source.id for checked in report.sources if checked.fault}
        for at, report in year.reports.items()
        if report.faulty
    }
    assert broken == {day: {"tinker_models", "tinker_pricing"} for day in BROKEN_DAYS}
    for channel in year.told:
        # The first fault was on March 10 at five; on March 14 they failed still, and that had been said.
        march = [t for t in year.told[channel] if date(2026, 3, 2) <= t.day <= date(2026, 3, 31)]
        assert [told.day for told in march] == [date(2026, 3, 13)]
        assert "Tinker's models.json since 2026-03-10" in march[0].text
        assert "Tinker's pricing page since 2026-03-10" in march[0].text


def test_pages_that_fail_take_no_rate_away(year: Year) -> None:
    held = rates_on(BOOK, FIRST)
    assert len(held) == 15
    for day in (*BROKEN_DAYS, BROKEN_DAYS[-1] + DAY):
        assert {key: year.in_force[day].get(key) for key in held} == held
        assert day not in year.approved


# -- July 17 -----------------------------------------------------------------------------------------------


def test_on_july_17_the_bill_of_gpt_oss_rises_at_one_turn_and_falls_at_eight(year: Year) -> None:
    digest = dict(digests(year, RUNS))[date(2026, 7, 17)]
    bills = {
        effect.name: [(p.path, p.usd_before, p.usd_after) for p in effect.moved]
        for effect in digest.effects
    }
    assert bills == {
        # 1,000 × (8,000 × 0.18 + 2,000 × 0.44) a million, then 8,000 × 0.33 + 2,000 × 0.84
        "one-shot": [(TINKER, Decimal("2.32"), Decimal("4.32"))],
        # 400,000 × 0.63 + 16,000 × 1.54, then 92,000 × 0.78 + 308,000 × 0.156 + 16,000 × 1.94
        "nightly": [(TINKER, Decimal("276.64"), Decimal("150.848"))],
    }
    by_name = {effect.name: effect for effect in digest.effects}
    assert by_name["nightly"].path(TINKER).against_list_prices
    assert not by_name["one-shot"].path(TINKER).against_list_prices
    # 8,000 × 0.15 + 2,000 × 0.60 on serverless is less than $4.32 and was more than $2.32.
    one_shot = by_name["one-shot"]
    assert (one_shot.cheapest_before, one_shot.cheapest_after) == (TINKER, STANDARD)
    assert one_shot.path(STANDARD).usd_after == Decimal("2.40")


def test_the_message_of_july_17_shows_both_bills_and_that_list_prices_went_the_other_way(
    year: Year,
) -> None:
    told = year.digests(RUNS)[date(2026, 7, 17)]
    assert told.text.startswith("Another path is cheapest for `one-shot` (gpt-oss-120b)")
    rows = [" | ".join(row) for row in table_rows(told.post.blocks)]
    assert any(
        all(text in row for text in ("one-shot", "$2.32", "$4.32", "+86.2%")) for row in rows
    )
    assert any(
        all(text in row for text in ("nightly", "$276.64", "$150.85", "−45.5%")) for row in rows
    )
    said = "".join(words(told.post.blocks))
    assert (
        "nightly: Tinker 128K lists input +23.8% and output +26.0%, yet the bill falls by 45.5%: "
        "cached prompt tokens cost $0.156 per 1M now, and $0.63 before" in said
    )


# -- what holds, and what answers go by --------------------------------------------------------------------


def test_on_every_day_the_rates_in_force_are_those_of_the_package(year: Year) -> None:
    assert len(year.in_force) == 361
    wrong = [day for day, held in year.in_force.items() if held != rates_on(BOOK, day)]
    assert wrong == []


def test_at_the_end_of_the_year_every_card_is_known_by_the_name_that_it_has_in_the_package(
    year: Year,
) -> None:
    """The name holds key, first day and rates; the last days agree as well."""
    ours = {card.id: card.effective_to for card in year.book}
    assert ours == {card.id: card.effective_to for card in BOOK}


def test_the_replay_knows_less_of_first_days_and_more_of_ends_than_the_package(
    year: Year,
) -> None:
    ours = {card.id: card for card in year.book}
    # A page shows rates and not since when: only a day that was announced is certain. The package has learnt the
    # days of July 17, August 25 and September 1 from changelogs and notices.
    certain = {card.id for card in BOOK if card.from_certain}
    assert {id_ for id_ in ours if ours[id_].from_certain} == {
        id_ for id_ in certain if id_.startswith("dedicated/")
    }
    assert {ours[id_].effective_from for id_ in certain - {*ours}} == set()
    # What is gone without a word is `unknown` in the package; here a person looked and said that it is retired.
    unknown = {card.id for card in BOOK if card.ended is Ended.UNKNOWN}
    assert len(unknown) == 20
    assert {ours[id_].ended for id_ in unknown} == {Ended.RETIRED}
    others = {card.id: card.ended for card in BOOK if card.id not in unknown}
    assert {id_: ours[id_].ended for id_ in others} == others


def test_an_end_that_a_person_approved_still_shows_what_was_asked_for_last(year: Year) -> None:
    request = run("glm-4p7", 8, on=date(2026, 6, 20))
    # 92,000 × 0.60 + 308,000 × 0.30 + 16,000 × 2.20 a million, for a thousand episodes
    (quote,) = (q for q in ask(request, book=year.book).models[0].quotes if q.path is STANDARD)
    assert isinstance(quote.priced, Notional)
    assert amounts(ask(request, book=year.book))[STANDARD] == Decimal("182.80")
    assert amounts(ask(request))[STANDARD] is None


@pytest.mark.parametrize("day", SAMPLES, ids=str)
def test_answers_of_a_past_day_are_those_of_the_package(year: Year, day: date) -> None:
    for model in MODELS_ASKED:
        for turns in TURNS_ASKED:
            request = run(model, turns, on=day)
            found = ask(request, book=year.book)
            assert amounts(found) == amounts(ask(request)), (model, turns)
            offered = {
                quote.path: quote.priced.estimate.usd
                for quote in found.models[0].quotes
                if isinstance(quote.priced, Offered)
            }
            expected = dict(by_engine(model, turns, day))
            assert offered == {path: expected[path] for path in offered}, (model, turns)


@pytest.mark.parametrize("day", SAMPLES, ids=str)
def test_an_answer_can_be_had_again_from_the_cards_that_it_named(year: Year, day: date) -> None:
    named = 0
    for model in MODELS_ASKED:
        for turns in TURNS_ASKED:
            given = year.given[day, model, turns]
            again = ask(run(model, turns, on=day), book=year.book.only(given.ids))
            assert amounts(again) == given.usd, (model, turns)
            named += len(given.ids)
    assert named


# -- who decided -------------------------------------------------------------------------------------------


def test_only_what_nobody_could_know_waited_for_a_person(year: Year) -> None:
    """Announced days, plain changes, and first rates that the feed had too, were taken without one."""
    held = Counter(one.hold for of_day in year.approved.values() for one in of_day)
    assert held.keys() == {"first_rate", "gone", "over_threefold"}
    # The cached rate of DeepSeek V4 Flash 0731, standard and priority: $0.028 to $0.007 and $0.042 to $0.00875.
    assert held["over_threefold"] == 2
    assert {one.key.item for one in year.approved[date(2026, 8, 25)]} == {"deepseek-v4-flash-0731"}
    unannounced = sum(c.gone for c in REAL_CHANGES.values()) - sum(
        one.card is None for _, digest in digests(year) for one in digest.announced
    )
    assert held["gone"] == unannounced
    assert date(2026, 9, 1) not in year.approved
    assert date(2026, 7, 13) not in year.approved


def test_the_reviewer_hears_of_what_waits_on_the_days_on_which_it_begins_to_wait(
    year: Year,
) -> None:
    assert year.notices.keys() == year.approved.keys()
    for day, waiting in year.approved.items():
        # Five with buttons at most, and then how many more there are.
        assert len(year.notices[day]) == min(len(waiting), 5) + (len(waiting) > 5), day


# -- by the engine -----------------------------------------------------------------------------------------


def by_engine(model: str, turns: int, day: date) -> Iterator[tuple[BillingPath, Decimal]]:
    """What each path costs by the package's own cards of a day, each from a formula of the engine."""
    workload = Workload(shape=shape(turns=turns), episodes=1000)
    held = {card.key: card for card in BOOK if card.holds_on(day)}
    peak = count_tokens(workload.shape).peak_context_tokens
    windows = [
        token_billed(workload, card.rates).usd
        for card in held.values()
        if isinstance(card, TinkerCard) and card.model == model and card.window_tokens >= peak
    ]
    if windows:
        yield TINKER, min(windows)
    for card in held.values():
        if isinstance(card, ServerlessCard) and card.model == model and card.path in {*BillingPath}:
            yield BillingPath(card.path), token_billed(workload, card.rates).usd
    cluster = CATALOGUE.get(model).cluster
    if cluster and (gpu := held.get(CardKey(CardPath.DEDICATED, cluster.gpu_type))):
        assert isinstance(gpu, GpuCard)
        deployment = Deployment(
            gpu_type=gpu.gpu_type,
            gpus=cluster.gpus,
            usd_per_gpu_hour=gpu.usd_per_gpu_hour,
            prompt_tps=cluster.prompt_tps,
            decode_tps=cluster.decode_tps,
        )
        yield DEDICATED, dedicated(workload, deployment).usd


# -- reading what was told ---------------------------------------------------------------------------------


def digests(year: Year, channel: str = EVERYTHING) -> Iterator[tuple[date, Digest]]:
    for told in year.told[channel]:
        if told.digest:
            yield told.day, told.digest


def everything(year: Year) -> Iterator[Told]:
    for told in year.told.values():
        yield from told


def rates(one: Announcement | Move) -> tuple[Decimal | None, ...]:
    card = one.card if isinstance(one, Announcement) else one.after
    return tuple(listed_rates_of(card).values()) if card else ()


def table_rows(blocks: list[dict[str, Any]]) -> Iterator[list[str]]:
    """The words of each row of the native tables."""
    for block in blocks:
        for row in block.get("rows", ()):
            yield [" ".join(words(cell)) for cell in row]


def words(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "text" and isinstance(value, str):
                yield value
            else:
                yield from words(value)
    elif isinstance(part, list):
        for value in part:
            yield from words(value)
