"""What follows `/rlcost digest`: each text with what a person means by it, or with the problem that names its fault."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest_requests import EXAMPLE, DigestRequest, read_digest
from bot.digest_requests.times import WEEKDAYS
from bot.requests.normalise import LONGEST_TEXT
from bot.schedule import zone_names
from pricing.catalogue import load_catalogue

CATALOGUE = load_catalogue()
KEYS = [model.key for model in CATALOGUE]

SUBSCRIBE: dict[str, Any] = {"action": "subscribe"}
AT_NINE = SUBSCRIBE | {"at": "09:00"}
OVER_5 = SUBSCRIBE | {"over_percent": Decimal(5)}
WHOLE = {
    "action": "subscribe",
    "cadence": "weekly",
    "weekday": 0,
    "at": "09:00",
    "zone": "Europe/Berlin",
    "models": ("kimi-k2p6",),
    "over_percent": Decimal(5),
}


def read(text: str) -> DigestRequest:
    return read_digest(text, CATALOGUE)


READ: list[tuple[str, dict[str, Any]]] = [
    # What is to be done.
    ("", {}),
    ("  \n ", {}),
    ("/rlcost digest", {}),
    ("subscribe", SUBSCRIBE),
    ("Subscribe, please!", SUBSCRIBE),
    ("start", SUBSCRIBE),
    ("unsubscribe", {"action": "unsubscribe"}),
    ("stop", {"action": "unsubscribe"}),
    ("<@U0BOT> please stop sending the digests here", {"action": "unsubscribe"}),
    ("list", {"action": "list"}),
    ("show", {"action": "list"}),
    ("show me our subscriptions", {"action": "list"}),
    ("what digests do we have?", {"action": "list"}),
    ("send", {"action": "send"}),
    ("now", {"action": "send"}),
    ("send the digest now", {"action": "send"}),
    ("weekly", SUBSCRIBE | {"cadence": "weekly"}),
    # All of it at once, as a command and as a sentence.
    (EXAMPLE, WHOLE),
    (
        "<@U0BOT> subscribe this channel to weekly digests on mondays at 9am Berlin for kimi k2.6, over 5%",
        WHOLE,
    ),
    (
        "hey <@U0BOT>, weekly digest, Mondays, 9:00, Europe/Berlin time, Kimi K2.6, by more than 5 percent 🙂",
        WHOLE,
    ),
    # Channels.
    (
        "subscribe <#C0123|general>",
        SUBSCRIBE | {"channel_id": "C0123", "channel_name": "general"},
    ),
    ("unsubscribe <#C0123>", {"action": "unsubscribe", "channel_id": "C0123"}),
    ("send <#G0123|>", {"action": "send", "channel_id": "G0123"}),
    ("<#C0123|general>", {"channel_id": "C0123", "channel_name": "general"}),
    (
        "subscribe daily in <#C0123|rates-at-9am-berlin>",
        SUBSCRIBE
        | {"cadence": "daily", "channel_id": "C0123", "channel_name": "rates-at-9am-berlin"},
    ),
    # How often.
    ("subscribe daily", SUBSCRIBE | {"cadence": "daily"}),
    ("subscribe every day", SUBSCRIBE | {"cadence": "daily"}),
    ("subscribe once a week", SUBSCRIBE | {"cadence": "weekly"}),
    ("subscribe on fridays", SUBSCRIBE | {"cadence": "weekly", "weekday": 4}),
    ("subscribe every Sunday", SUBSCRIBE | {"cadence": "weekly", "weekday": 6}),
    ("subscribe weekly thu", SUBSCRIBE | {"cadence": "weekly", "weekday": 3}),
    # Times.
    ("subscribe at 09:00", AT_NINE),
    ("subscribe at 9:00", AT_NINE),
    ("subscribe 9am", AT_NINE),
    ("subscribe at 9 AM", AT_NINE),
    ("subscribe @9am", AT_NINE),
    ("subscribe at 9:00 a.m.", AT_NINE),
    ("subscribe at 9:30pm", SUBSCRIBE | {"at": "21:30"}),
    ("subscribe at 00:00", SUBSCRIBE | {"at": "00:00"}),
    ("subscribe at 23:59", SUBSCRIBE | {"at": "23:59"}),
    ("subscribe at 12am", SUBSCRIBE | {"at": "00:00"}),
    ("subscribe at 12:15 am", SUBSCRIBE | {"at": "00:15"}),
    ("subscribe at 12pm", SUBSCRIBE | {"at": "12:00"}),
    ("subscribe at noon", SUBSCRIBE | {"at": "12:00"}),
    ("subscribe at midnight", SUBSCRIBE | {"at": "00:00"}),
    ("subscribe at 9am, 09:00", AT_NINE),
    ("subscribe ０９:００", AT_NINE),
    # Zones.
    ("subscribe 09:00Z", AT_NINE | {"zone": "UTC"}),
    ("subscribe at 09:00 z", AT_NINE | {"zone": "UTC"}),
    ("subscribe utc", SUBSCRIBE | {"zone": "UTC"}),
    ("subscribe GMT", SUBSCRIBE | {"zone": "GMT"}),
    ("subscribe europe/berlin", SUBSCRIBE | {"zone": "Europe/Berlin"}),
    ("subscribe America/New_York", SUBSCRIBE | {"zone": "America/New_York"}),
    (
        "subscribe 9am america/new york daily",
        AT_NINE | {"zone": "America/New_York", "cadence": "daily"},
    ),
    ("subscribe new york time", SUBSCRIBE | {"zone": "America/New_York"}),
    ("subscribe timezone Kolkata", SUBSCRIBE | {"zone": "Asia/Kolkata"}),
    ("subscribe buenos aires", SUBSCRIBE | {"zone": "America/Argentina/Buenos_Aires"}),
    ("subscribe Port-au-Prince", SUBSCRIBE | {"zone": "America/Port-au-Prince"}),
    ("subscribe Singapore", SUBSCRIBE | {"zone": "Singapore"}),
    ("subscribe US/Pacific", SUBSCRIBE | {"zone": "US/Pacific"}),
    ("subscribe Etc/GMT-2", SUBSCRIBE | {"zone": "Etc/GMT-2"}),
    ("subscribe CET", SUBSCRIBE | {"zone": "CET"}),
    # Models.
    ("subscribe kimi-k2p6 gpt-oss-120b", SUBSCRIBE | {"models": ("kimi-k2p6", "gpt-oss-120b")}),
    ("subscribe gpt-oss 120b and k2.6", SUBSCRIBE | {"models": ("gpt-oss-120b", "kimi-k2p6")}),
    ("subscribe Kimi K2.6 kimi-k2p6", SUBSCRIBE | {"models": ("kimi-k2p6",)}),
    ("subscribe for glm 5.3 9am", AT_NINE | {"models": ("glm-5p3",)}),
    ("subscribe for kimi k2.6 at 9am", AT_NINE | {"models": ("kimi-k2p6",)}),
    ("subscribe to all models", SUBSCRIBE),
    # Thresholds.
    ("subscribe over 5%", OVER_5),
    ("subscribe over 5 percent", OVER_5),
    ("subscribe above 5 %", OVER_5),
    ("subscribe when it changes by more than 5 per cent", OVER_5),
    ("subscribe &gt; 5%", OVER_5),
    ("subscribe over 0.5%", SUBSCRIBE | {"over_percent": Decimal("0.5")}),
    ("subscribe over 1,000%", SUBSCRIBE | {"over_percent": Decimal(1000)}),
    ("subscribe over $500", SUBSCRIBE | {"over_usd": Decimal(500)}),
    ("subscribe over $1.5k", SUBSCRIBE | {"over_usd": Decimal(1500)}),
    ("subscribe over US$1,500", SUBSCRIBE | {"over_usd": Decimal(1500)}),
    ("subscribe over 1500 dollars", SUBSCRIBE | {"over_usd": Decimal(1500)}),
    ("subscribe over 2m usd", SUBSCRIBE | {"over_usd": Decimal(2_000_000)}),
    ("subscribe over 5% or over $500", OVER_5 | {"over_usd": Decimal(500)}),
    ("subscribe over $500 or 5%", OVER_5 | {"over_usd": Decimal(500)}),
]


@pytest.mark.parametrize(("text", "meant"), READ)
def test_a_text_is_read_as_a_person_means_it(text: str, meant: dict[str, Any]) -> None:
    assert read(text) == DigestRequest(**meant)


# A text, and what the one problem that it has must hold: the piece that is at fault, and what to type.
REFUSED: list[tuple[str, str, str]] = [
    # Channels.
    ("subscribe #general", "`#general`", "pick the channel from the list"),
    ("subscribe <#C1|a> <#C2|b>", "`#a` and `#b`", "keep one"),
    ("subscribe here <#C1|a>", "`here` and `#a`", "keep one"),
    ("subscribe <@U2>", "`@U2`", "pick a channel"),
    ("subscribe <!here>", "`@here`", "pick a channel"),
    ("subscribe @alice", "`@alice`", "pick a channel"),
    ("subscribe <https://example.com>", "https://example.com", "leave the link out"),
    # Times.
    ("subscribe at 25:00", "`25:00`", "`00:00` to `23:59`"),
    ("subscribe at 24:00", "`24:00`", "`00:00` to `23:59`"),
    ("subscribe at 9:75", "`9:75`", "`00:00` to `23:59`"),
    ("subscribe at 9:5", "`9:5`", "`00:00` to `23:59`"),
    ("subscribe at 13pm", "`13pm`", "`00:00` to `23:59`"),
    ("subscribe at 0am", "`0am`", "`00:00` to `23:59`"),
    ("subscribe at 21:00 pm", "`21:00 pm`", "`00:00` to `23:59`"),
    ("subscribe at 9", "`9`", f"`{EXAMPLE}`"),
    ("subscribe at 0900", "`0900`", f"`{EXAMPLE}`"),
    ("subscribe at 9h30", "`9h30`", f"`{EXAMPLE}`"),
    ("subscribe at 9.30am", "`9.30am`", f"`{EXAMPLE}`"),
    ("subscribe at 09:00:00", "`09:00:00`", f"`{EXAMPLE}`"),
    ("subscribe 9am 10am", "`9am` and `10am`", "keep one"),
    ("subscribe at noon and at midnight", "`noon` and `midnight`", "keep one"),
    ("subscribe 9am-10am", "`-10am`", f"`{EXAMPLE}`"),
    # Zones.
    ("subscribe EST", "`EST`", "`America/New_York`"),
    ("subscribe pst", "`pst`", "`America/Los_Angeles`"),
    ("subscribe IST", "`IST`", "`Asia/Kolkata`"),
    ("subscribe CST", "`CST`", "`America/Chicago`"),
    ("subscribe 9am Pacific time", "`Pacific`", "`America/Los_Angeles`"),
    ("subscribe UTC+2", "`UTC+2`", "`Europe/Berlin`"),
    ("subscribe 09:00+02:00", "`+02:00`", "`Europe/Berlin`"),
    ("subscribe Europe/Berln", "`Europe/Berln`", "`Europe/Berlin`"),
    ("subscribe amsterdm", "`amsterdm`", "`Europe/Amsterdam`"),
    ("subscribe San Francisco", "`San Francisco`", f"`{EXAMPLE}`"),
    ("subscribe 9am our time", "`our`", "leave it out"),
    ("subscribe 9am local time", "`local`", f"`{EXAMPLE}`"),
    ("subscribe UTC Berlin", "`UTC` and `Berlin`", "keep one"),
    # How often.
    ("subscribe daily weekly", "`daily` and `weekly`", "keep one"),
    ("subscribe daily on mondays", "`daily` and `mondays`", "`weekly` and a day"),
    ("subscribe on mondays and fridays", "`mondays` and `fridays`", "keep one"),
    ("subscribe monthly", "`monthly`", "write `daily`"),
    ("subscribe on weekdays", "`weekdays`", "write `daily`"),
    ("subscribe every other week", "`every other week`", "write `daily`"),
    ("subscribe every two weeks", "`every two weeks`", f"`{EXAMPLE}`"),
    ("subscribe on the 1st", "`1st`", f"`{EXAMPLE}`"),
    ("subscribe over $500 a week", "`week`", "`weekly`"),
    # Models.
    ("subscribe kimi", "`kimi`", "`kimi-k2p6`, `kimi-k2p5`"),
    ("subscribe kimi-k9", "`kimi-k9`", "`kimi-k3`"),
    ("subscribe claude", "`claude`", "`kimi-k2p6`"),
    ("subscribe foo-7b", "`foo-7b`", f"`{EXAMPLE}`"),
    ("subscribe for the 4 models", "`4`", f"`{EXAMPLE}`"),
    ("subscribe except kimi-k2p6", "`except`", f"`{EXAMPLE}`"),
    ("subscribe all models kimi-k2p6", "`all models` and `kimi-k2p6`", "keep one"),
    # Thresholds.
    ("subscribe over 0%", "`0%`", "above 0"),
    ("subscribe over -5%", "`-5%`", "above 0"),
    ("subscribe over −5%", "`-5%`", "above 0"),
    ("subscribe over 1001%", "`1001%`", "up to 1,000"),
    ("subscribe over $0", "`$0`", "above 0"),
    ("subscribe over -$5", "`-$5`", "above 0"),
    ("subscribe over $2000m", "`$2000m`", "up to $1,000,000,000"),
    ("subscribe over 5", "`5`", "`over 5%`"),
    ("subscribe over 1.5k", "`1.5k`", "`over 5%`"),
    ("subscribe 5%", "`5%`", "`over 5%`"),
    ("subscribe over 1,5%", "`1,5%`", "`over 5%`"),
    ("subscribe over $1.500", "`$1.500`", "`over $1,500`"),
    ("subscribe over €500", "`€500`", "`over $1,500`"),
    ("subscribe over 5k%", "`5k%`", "`over 5%`"),
    ("subscribe over 5% over 6%", "`5%` and `6%`", "keep one"),
    ("subscribe over 5% and over $500", "`5%` and `$500`", "`over 5% or over $500`"),
    # What is to be done.
    ("subscribe unsubscribe", "`subscribe` and `unsubscribe`", "keep one"),
    ("start now", "`start` and `now`", "keep one"),
    ("send weekly", "`weekly`", "write `subscribe`"),
    ("unsubscribe kimi-k2p6", "`kimi-k2p6`", "write `subscribe`"),
    ("list at 9am", "`9am`", "write `subscribe`"),
    ("unsubscribe all", "`all`", f"`{EXAMPLE}`"),
    ("don't subscribe", "`don't`", f"`{EXAMPLE}`"),
    ("subcribe", "`subcribe`", "`subscribe`"),
    ("subscribe me", "`me`", "leave it out"),
    ("subscribe from tomorrow", "`from tomorrow`", f"`{EXAMPLE}`"),
    ("subscribe at=09:00", "`at=`", f"`{EXAMPLE}`"),
    ("subscribe every=day", "`every=day`", f"`{EXAMPLE}`"),
    ("subscribe frob=1", "`frob=1`", f"`{EXAMPLE}`"),
    ("subscribe \ue000", "`@mention`", f"`{EXAMPLE}`"),
]


@pytest.mark.parametrize(("text", "found", "to_type"), REFUSED)
def test_what_is_not_read_is_named_with_what_to_type(text: str, found: str, to_type: str) -> None:
    problems = read(text).problems
    assert len(problems) == 1
    assert found in problems[0]
    assert to_type in problems[0]


def test_a_value_that_is_at_fault_is_not_set() -> None:
    request = read("subscribe daily weekly at 25:00 EST over 0% kimi <#C1|a> <#C2|b>")
    assert len(request.problems) == 6
    assert request == DigestRequest(action=request.action, problems=request.problems)


@pytest.mark.parametrize("zone", sorted(zone_names()))
def test_each_zone_is_read_by_its_name_in_any_case(zone: str) -> None:
    short_or_several = {"EST", "MST"}
    if zone in short_or_several or zone.startswith(("GMT+", "GMT-")):
        assert read(f"subscribe {zone}").problems
    else:
        assert read(f"subscribe at 9am {zone}, daily").zone == zone
        if len(zone) > 3:
            assert read(f"subscribe {zone.lower()} daily").zone == zone


def test_a_longer_text_than_is_read_gets_one_sentence() -> None:
    request = read("subscribe " * 201)
    assert request.action is None
    assert request.problems == (f"That is 2,010 characters; write it as `{EXAMPLE}`.",)


LOTS = ["9:", "9am ", "<#C1|", "over ", "over 5", "$", "every ", "kimi ", "a/", "Europe/", "new ", "@", "=", "&gt;",
        "<", "or 5% ", "\U0001f642", "ﬃ", "½ ", "1,", "-", "once ", "\ue000", "`", "mon"]  # fmt: skip


@pytest.mark.parametrize("piece", LOTS)
def test_the_longest_text_of_one_piece_is_read_or_refused(piece: str) -> None:
    text = (piece * LONGEST_TEXT)[:LONGEST_TEXT]
    problems = read(text).problems
    assert all(len(problem) < 700 for problem in problems)
    assert len(problems) <= 6


WORDS = st.sampled_from(
    ["subscribe", "send", "9am", "10:30", "Berlin", "America/New_York", "kimi", "kimi-k2p6", "over", "5%", "$500",
     "or", "and", "daily", "mondays", "<#C1|a>", "#a", "<@U1>", "&amp;", "=", "weekly", "every", "🙂", "é"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=20).map(" ".join)))
def test_no_text_raises(text: str) -> None:
    request = read(text)
    for problem in request.problems:
        assert problem
        assert "\n" not in problem
        assert problem.count("`") % 2 == 0


CLEAN = st.builds(
    DigestRequest,
    action=st.just("subscribe"),
    channel_id=st.none() | st.just("C0123"),
    cadence=st.just("weekly"),
    at=st.none() | st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59)),
    weekday=st.none() | st.integers(0, 6),
    zone=st.none() | st.sampled_from(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"]),
    models=st.lists(st.sampled_from(KEYS), max_size=4, unique=True).map(tuple),
    over_percent=st.none() | st.decimals("0.01", 1000, places=2),
    over_usd=st.none() | st.decimals("0.01", 1_000_000, places=2),
)


def typed(request: DigestRequest) -> str:
    """A request as one types it behind `/rlcost`."""
    pieces = ["digest", request.action, request.cadence]
    if request.weekday is not None:
        pieces.append(f"on {WEEKDAYS[request.weekday]}s")
    if request.at:
        pieces.append(f"at {request.at}")
    pieces.append(request.zone)
    if request.channel_id:
        pieces.append(f"<#{request.channel_id}>")
    pieces += request.models
    if request.over_percent is not None:
        pieces.append(f"over {request.over_percent}%")
    if request.over_usd is not None:
        joined = "or " if request.over_percent is not None else ""
        pieces.append(f"{joined}over ${request.over_usd:,f}")
    return " ".join(piece for piece in pieces if piece)


@given(CLEAN)
def test_the_canonical_command_is_read_as_the_request_that_it_was_made_of(
    request: DigestRequest,
) -> None:
    assert read(typed(request)) == request


def test_a_loose_list_of_wishes_is_read_as_the_command_that_it_stands_for() -> None:
    wishes = "weekly, over 5% or $1.5k, gpt oss 120b, 9pm new york, fridays, in <#C0123|rates>"
    command = (
        "digest subscribe weekly on fridays at 21:00 America/New_York <#C0123|rates> gpt-oss-120b "
        "over 5% or over $1,500"
    )
    assert read(wishes) == read(command)
    assert read(command).problems == ()
