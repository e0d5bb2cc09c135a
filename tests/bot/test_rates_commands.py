"""The rates in a terminal: the real command on a database of its own, with a server of price pages on this machine."""

import gc
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest

from bot.cli import run
from pricing.cards import CardPath, RateBook, ServerlessCard, load_book
from pricing.catalogue import Catalogue, load_catalogue
from pricing.sources import SOURCES, SourceId
from tests.postgres import server
from tests.pricing.sources.api_pages import genai_data, models_api
from tests.pricing.sources.fireworks_pages import gpu_page, serverless_page
from tests.pricing.sources.tinker_pages import models_json, pricing_markdown

ROOT = Path(__file__).parent.parent.parent
TODAY = datetime.now(tz=UTC).date()
KEY = "fw-a-key"

Pages = dict[SourceId, bytes]


# -- pages ----------------------------------------------------------------------------------------


@cache
def known() -> tuple[Catalogue, RateBook]:
    catalogue = load_catalogue()
    return catalogue, load_book(catalogue)


def good_pages(
    *, dearer: str = "", tenfold_gpu: bool = False, without_window: int | None = None
) -> Pages:
    """Pages that show the cards of today, but for a model whose standard input costs a tenth more, for a GPU-hour that
    costs tenfold, and for Kimi K2.6 in one window, which is gone."""
    catalogue, book = known()
    tinker = [card for card in book.tinker.cards if card.holds_on(TODAY)]
    serverless = [card for card in book.serverless.cards if card.holds_on(TODAY)]
    gpus = [card for card in book.gpus.cards if card.holds_on(TODAY)]
    for index, card in enumerate(serverless):
        if (card.model, card.path) == (dearer, CardPath.SERVERLESS_STANDARD):
            tenth_more = card.input_usd_per_mtok * Decimal("1.1")
            serverless[index] = card.model_copy(update={"input_usd_per_mtok": tenth_more})
    if tenfold_gpu:
        ten = gpus[0].usd_per_gpu_hour * 10
        gpus[0] = gpus[0].model_copy(update={"usd_per_gpu_hour": ten})
    tinker = [c for c in tinker if (c.model, c.window_tokens) != ("kimi-k2p6", without_window)]
    return {
        SourceId.TINKER_MODELS: models_json(tinker, catalogue, form="cached"),
        SourceId.TINKER_PRICING: pricing_markdown(tinker, catalogue),
        SourceId.FIREWORKS_SERVERLESS: serverless_page(serverless, catalogue, form="modes-us"),
        SourceId.FIREWORKS_GPU: gpu_page(gpus, form="hour"),
        SourceId.FIREWORKS_MODELS: models_api(serverless, catalogue),
        SourceId.GENAI_PRICES: genai_data(serverless, catalogue),
    }


def standard(model: str) -> ServerlessCard:
    """The card of a model's standard path that the package has for today."""
    (card,) = (
        card
        for card in known()[1].serverless.cards
        if (card.model, card.path) == (model, CardPath.SERVERLESS_STANDARD) and card.holds_on(TODAY)
    )
    return card


MODEL = "kimi-k3"


# -- the terminal ---------------------------------------------------------------------------------


class Run(NamedTuple):
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str


@dataclass
class Terminal:
    """A folder to run the command in, where no database is yet, and the pages that its sources find."""

    folder: Path
    url: str
    pages: Pages
    asked: list[tuple[SourceId, str | None]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, **environment: str) -> Run:
        """Run one command line in this process, which is many times faster than to start another."""
        out, err = io.StringIO(), io.StringIO()
        before = dict(os.environ)
        os.environ.update(self._environment(environment))
        try:
            with chdir(self.folder), redirect_stdout(out), redirect_stderr(err):
                status = run(arguments)
        finally:
            gc.enable()
            os.environ.clear()
            os.environ.update(before)
        return Run(status, out.getvalue(), err.getvalue())

    def start(self, *arguments: str, **environment: str) -> Run:
        """Run one as its users do, in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            capture_output=True,
            encoding="utf-8",
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **self._environment(environment)},
            timeout=120,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def _environment(self, said: Mapping[str, str]) -> Mapping[str, str]:
        urls = {source.url_variable: f"{self.url}/{source.id}" for source in SOURCES.values()}
        bare = {"RLCOST_DATABASE_URL": "", "FIREWORKS_API_KEY": ""}
        return {**bare, **urls, **self.environment, **said}

    def says(self, *arguments: str, status: int = 0, **environment: str) -> str:
        """What it prints, which ends well."""
        done = self.run(*arguments, **environment)
        assert (done.status, done.err) == (status, "")
        return done.out

    def json(self, *arguments: str, status: int = 0, **environment: str) -> Any:
        return json.loads(self.says(*arguments, "--json", status=status, **environment))

    def fails(self, *arguments: str, **environment: str) -> str:
        """The one sentence with which it refuses."""
        done = self.run(*arguments, **environment)
        assert (done.status, done.out) == (2, "")
        (line,) = done.err.splitlines()
        return line


@contextmanager
def page_server(pages: Pages, asked: list[tuple[SourceId, str | None]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            source = SourceId(self.path.strip("/"))
            asked.append((source, self.headers["Authorization"]))
            body = pages.get(source)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}"
        finally:
            running.shutdown()
            thread.join()


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    pages = good_pages()
    asked: list[tuple[SourceId, str | None]] = []
    with page_server(pages, asked) as url:
        yield Terminal(tmp_path, url, pages, asked)


def by_source(report: Any) -> Mapping[str, Any]:
    return {each["source"]: each for each in report["sources"]}


def outcomes(report: Any) -> Mapping[str, str]:
    return {each["source"]: each["outcome"] for each in report["sources"]}


ALL_GOOD = {
    "tinker_models": "unchanged",
    "tinker_pricing": "unchanged",
    "fireworks_serverless": "unchanged",
    "fireworks_gpu": "unchanged",
    "fireworks_models": "off",
    "genai_prices": "unchanged",
}

# -- checks ---------------------------------------------------------------------------------------


def test_a_check_says_of_each_source_whether_it_changed_and_each_rate_that_moved(
    terminal: Terminal,
) -> None:
    terminal.pages.update(good_pages(dearer=MODEL, tenfold_gpu=True))
    before = standard(MODEL).input_usd_per_mtok
    report = terminal.json("rates", "check")
    assert list(outcomes(report)) == list(ALL_GOOD)
    assert outcomes(report) == {
        **ALL_GOOD,
        "fireworks_serverless": "changed",
        "fireworks_gpu": "changed",
    }
    for each in report["sources"]:
        assert {"source", "outcome", "fault", "changes"} <= each.keys()
        assert each["fault"] is None
    (change,) = by_source(report)["fireworks_serverless"]["changes"]
    fixed = ("model", "path", "variant", "rate", "before", "after", "effective_from", "status")
    assert {name: change[name] for name in (*fixed, "reason")} == {
        "model": MODEL,
        "path": "serverless_standard",
        "variant": None,
        "rate": "input",
        "before": float(before),
        "after": float(before * Decimal("1.1")),
        "effective_from": TODAY.isoformat(),
        "status": "in_force",
        "reason": None,
    }
    (leap,) = by_source(report)["fireworks_gpu"]["changes"]
    assert (leap["model"], leap["path"], leap["rate"], leap["status"]) == (
        None,
        "dedicated",
        "gpu_hour",
        "quarantined",
    )
    assert leap["after"] == 10 * leap["before"]
    assert "more than threefold" in leap["reason"]


def test_the_command_as_a_process_ends_with_0_3_or_2(terminal: Terminal) -> None:
    good = terminal.start("rates", "check", "--json")
    assert (good.status, good.err, outcomes(json.loads(good.out))) == (0, "", ALL_GOOD)
    del terminal.pages[SourceId.FIREWORKS_GPU]
    faulty = terminal.start("rates", "check")
    assert (faulty.status, faulty.err) == (3, "")
    assert "Fireworks' pricing page could not be read; its last rates stay." in " ".join(
        faulty.out.split()
    )
    unusable = terminal.start("rates", "check", "--loudly")
    assert (unusable.status, unusable.out) == (2, "")


def test_a_second_check_finds_nothing_new_and_what_waits_still_waits(terminal: Terminal) -> None:
    terminal.pages.update(good_pages(dearer=MODEL, tenfold_gpu=True))
    terminal.says("rates", "check")
    again = terminal.json("rates", "check")
    assert outcomes(again) == {**ALL_GOOD, "fireworks_gpu": "changed"}
    assert again["waiting"] == 1
    terminal.pages.update(good_pages(dearer=MODEL))
    healed = terminal.json("rates", "check")
    assert (outcomes(healed), healed["waiting"]) == (ALL_GOOD, 0)
    (withdrawn,) = healed["withdrawn"]
    assert (withdrawn["path"], withdrawn["as_card"]) == ("dedicated", True)
    assert terminal.json("rates", "review") == {"changes": []}


def test_a_held_change_that_is_taken_back_is_said_and_listed_with_the_decisions(
    terminal: Terminal,
) -> None:
    terminal.pages.update(good_pages(tenfold_gpu=True))
    terminal.says("rates", "check")
    terminal.pages.update(good_pages())
    said = " ".join(terminal.says("rates", "check").split())
    assert "1 held change was withdrawn: " in said
    assert " is as its card says again." in said
    assert "withdrawn" not in terminal.says("rates", "check")
    listed = terminal.says("rates", "review", "--decided")
    assert listed.startswith("0 decisions; 1 change was withdrawn undecided.\n")
    (each,) = terminal.json("rates", "review", "--decided")["changes"]
    assert (each["status"], each["decided_by"]) == ("withdrawn", None)


def test_a_held_change_that_becomes_another_is_not_said_to_be_as_its_card_says(
    terminal: Terminal,
) -> None:
    terminal.pages.update(good_pages(tenfold_gpu=True))
    terminal.says("rates", "check")
    gpus = [card for card in known()[1].gpus.cards if card.holds_on(TODAY)]
    twenty = gpus[0].model_copy(update={"usd_per_gpu_hour": gpus[0].usd_per_gpu_hour * 20})
    terminal.pages[SourceId.FIREWORKS_GPU] = gpu_page([twenty, *gpus[1:]], form="hour")
    report = terminal.json("rates", "check")
    assert [each["as_card"] for each in report["withdrawn"]] == [False]
    assert report["waiting"] == 1


def test_with_no_source_that_can_be_read_nothing_is_said_of_changes(terminal: Terminal) -> None:
    terminal.pages.clear()
    said = " ".join(terminal.says("rates", "check", status=3).split())
    assert said.startswith("No source could be read, so nothing is known of changes.")
    assert "nothing has changed" not in said


def test_a_check_in_words_names_what_moved_and_what_waits(terminal: Terminal) -> None:
    terminal.pages.update(good_pages(dearer=MODEL, tenfold_gpu=True))
    said = terminal.says("rates", "check")
    assert said.startswith("5 of 5 sources answered: 1 change in force and 1 change held.")
    assert "1 change to review: `rlcost rates review`." in " ".join(said.split())
    assert re.search(rf"{MODEL}, Serverless standard +input .* {TODAY} +in force", said)
    assert "Fireworks' serverless models API    off, its key is not set" in said
    again = terminal.says("rates", "check")
    assert "Fireworks' serverless pricing page  unchanged" in again


def test_a_source_at_fault_is_status_3_and_leaves_its_rates(terminal: Terminal) -> None:
    before = terminal.json("rates", MODEL)
    terminal.pages.update(good_pages(without_window=32_768))
    terminal.pages[SourceId.FIREWORKS_SERVERLESS] = b"<html>oops</html>"
    del terminal.pages[SourceId.GENAI_PRICES]
    report = terminal.json("rates", "check", status=3)
    assert outcomes(report) == {
        **ALL_GOOD,
        "tinker_models": "changed",
        "fireworks_serverless": "fault",
        "genai_prices": "fault",
    }
    broken = by_source(report)["fireworks_serverless"]
    assert (broken["fault"]["code"], broken["changes"]) == ("format", [])
    assert "HTML page" in broken["fault"]["text"]
    assert by_source(report)["genai_prices"]["fault"]["code"] == "status"
    gone = by_source(report)["tinker_models"]["changes"]
    assert {(each["model"], each["variant"], each["after"], each["status"]) for each in gone} == {
        ("kimi-k2p6", "32K", None, "quarantined")
    }
    serverless = [
        [
            (card["id"], card["input_usd_per_mtok"], card["effective_to"])
            for card in said["cards"]
            if "serverless" in card["path"]
        ]
        for said in (before, terminal.json("rates", MODEL))
    ]
    assert serverless[0] == serverless[1] != []
    text = terminal.says("rates", "check", status=3)
    said = " ".join(text.split())
    assert said.startswith("3 of 5 sources gave rates: ")
    assert "genai-prices could not be read; its last rates stay." in said
    assert "Fireworks' serverless pricing page answered and was not believed" in said
    assert re.search(r"Tinker's pricing page +no change of its own", text)


def test_a_source_whose_url_is_empty_is_off_and_never_asked(terminal: Terminal) -> None:
    off: dict[str, Any] = {source.url_variable: "" for source in SOURCES.values()}
    del off["RLCOST_SOURCE_TINKER_MODELS_URL"]
    report = terminal.json("rates", "check", **off)
    assert outcomes(report) == {**dict.fromkeys(ALL_GOOD, "off"), "tinker_models": "unchanged"}
    assert [source for source, _ in terminal.asked] == [SourceId.TINKER_MODELS]


def test_the_api_is_asked_with_its_key_and_nobody_else_is_told_it(terminal: Terminal) -> None:
    assert outcomes(terminal.json("rates", "check")) == ALL_GOOD
    assert SourceId.FIREWORKS_MODELS not in dict(terminal.asked)
    terminal.asked.clear()
    report = terminal.json("rates", "check", FIREWORKS_API_KEY=KEY)
    assert outcomes(report) == {**ALL_GOOD, "fireworks_models": "unchanged"}
    assert {source for source, key in terminal.asked if key} == {SourceId.FIREWORKS_MODELS}
    assert dict(terminal.asked)[SourceId.FIREWORKS_MODELS] == f"Bearer {KEY}"
    assert len(terminal.asked) == 6


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("RLCOST_SOURCE_TINKER_MODELS_URL", "http://prices.example/models.json"),
        ("RLCOST_SOURCE_FIREWORKS_GPU_URL", "https://me:hidden@prices.example/"),
        ("FIREWORKS_API_KEY", "two hidden words"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_nothing_is_asked(
    terminal: Terminal, setting: str, value: str
) -> None:
    said = terminal.fails("rates", "check", **{setting: value})
    assert said.startswith(f"rlcost: {setting} ")
    assert "hidden" not in said
    assert terminal.asked == []


# -- what answers say of it afterwards ------------------------------------------------------------


def test_answers_rates_and_history_know_the_new_rate_its_id_and_since_when(
    terminal: Terminal,
) -> None:
    old = standard(MODEL)
    priced = f"{MODEL} turns=1 episodes=1000000 initial_prompt=1000 decode=1000"
    before = standard_of(terminal.json("ask", priced))
    terminal.pages.update(good_pages(dearer=MODEL))
    terminal.says("rates", "check")

    after = standard_of(terminal.json("ask", priced))
    # A thousand prompt tokens a million times are 1,000M, of which each costs a tenth of the old rate more.
    assert after["usd"] - before["usd"] == pytest.approx(float(old.input_usd_per_mtok) * 100)
    (card,) = (card for card in after["cards"] if card["rate"] == "input")
    assert card["usd"] == float(old.input_usd_per_mtok * Decimal("1.1"))
    assert card["effective_from"] == TODAY.isoformat()
    assert card["id"].startswith(f"serverless_standard/{MODEL}/{TODAY}/")

    listed = terminal.json("rates", MODEL)["cards"]
    (row,) = (each for each in listed if each["path"] == "serverless_standard")
    assert (row["id"], row["effective_from"]) == (card["id"], TODAY.isoformat())

    tracks = terminal.json("rates", "history", MODEL)["tracks"]
    (track,) = (each for each in tracks if each["path"] == "serverless_standard")
    assert track["cards"][-1]["id"] == card["id"]
    assert track["cards"][-1]["from_certain"] is False
    assert (track["cards"][-2]["id"], track["cards"][-2]["ended"]) == (
        before["cards"][0]["id"],
        "replaced",
    )
    assert track["changes"][-1] == {
        "on": TODAY.isoformat(),
        "rate": "input",
        "before": float(old.input_usd_per_mtok),
        "after": card["usd"],
    }
    assert f"Serverless standard since {TODAY} at the latest" in " ".join(
        terminal.says("rates", "history", MODEL).split()
    )


def test_an_earlier_answer_is_reproduced_from_the_cards_that_it_named(terminal: Terminal) -> None:
    words = f"{MODEL} turns=3 episodes=1000"
    terminal.says("rates", "check")
    before = terminal.json("ask", words)
    names = {
        card["id"]
        for model in before["models"]
        for path in model["paths"]
        for card in path["cards"]
    }
    terminal.pages.update(good_pages(dearer=MODEL))
    terminal.says("rates", "check")
    now = terminal.json("ask", words)
    again = terminal.json("ask", f"--cards={','.join(names)}", words)
    assert bills(now) != bills(before)
    assert bills(again) == bills(before)


def test_a_card_that_was_taken_back_on_its_own_day_still_reproduces_its_answer(
    terminal: Terminal,
) -> None:
    words = f"{MODEL} turns=3 episodes=1000"
    terminal.pages.update(good_pages(dearer=MODEL))
    terminal.says("rates", "check")
    dear = terminal.json("ask", words)
    terminal.pages.update(good_pages())
    terminal.says("rates", "check")
    assert bills(terminal.json("ask", words)) != bills(dear)
    card = standard_of(dear)["cards"][0]["id"]
    again = terminal.json("ask", f"--cards={card}", words)
    assert bills(again)["serverless_standard"] == bills(dear)["serverless_standard"]


def test_a_card_that_is_not_known_is_named(terminal: Terminal) -> None:
    card = f"serverless_standard/{MODEL}/2020-01-01/ffffff"
    said = terminal.fails("ask", f"--cards={card}", MODEL)
    assert said == (
        f"rlcost: there is no rate card `{card}`; `rlcost ask --json` names the cards of an answer"
    )


def standard_of(answer: Any) -> Any:
    """The standard path of an answer on one model."""
    (model,) = answer["models"]
    (path,) = (each for each in model["paths"] if each["path"] == "serverless_standard")
    return path


def bills(answer: Any) -> Mapping[str, float | None]:
    (model,) = answer["models"]
    return {
        each["path"]: each["usd"] for each in model["paths"] if each["path"].startswith("server")
    }


# -- reviews --------------------------------------------------------------------------------------


def test_an_approval_is_kept_with_who_and_why_and_holds_from_then_on(terminal: Terminal) -> None:
    assert terminal.says("rates", "review") == "Nothing waits for a decision.\n"
    terminal.pages.update(good_pages(tenfold_gpu=True))
    terminal.says("rates", "check")
    (waiting,) = terminal.json("rates", "review")["changes"]
    assert (waiting["status"], waiting["hold"]) == ("quarantined", "over_threefold")
    listed = terminal.says("rates", "review")
    assert listed.startswith("1 change waits for a decision: `rlcost rates review approve N`")
    assert "more than threefold" in listed

    number = str(waiting["id"])
    said = terminal.says("rates", "review", "approve", number, "--by", "ann", "--why", "it is so")
    gpu = waiting["gpu_type"]
    assert said.endswith(f" was approved by ann, because: it is so. It holds from {TODAY}.\n")
    (decided,) = terminal.json("rates", "review", "--decided")["changes"]
    assert (decided["id"], decided["status"]) == (waiting["id"], "in_force")
    assert (decided["decided_by"], decided["decided_why"]) == ("ann", "it is so")
    assert datetime.fromisoformat(decided["decided_at"]).date() >= TODAY
    assert "approved by ann" in terminal.says("rates", "review", "--decided")
    assert terminal.json("rates", "review") == {"changes": []}
    cards = terminal.json("rates", gpu)["cards"]
    assert [card["usd_per_gpu_hour"] for card in cards] == [waiting["after"]["gpu_hour"]]
    assert outcomes(terminal.json("rates", "check")) == ALL_GOOD


def test_a_rejection_changes_nothing_and_is_not_asked_again(terminal: Terminal) -> None:
    terminal.pages.update(good_pages(tenfold_gpu=True))
    terminal.says("rates", "check")
    (waiting,) = terminal.json("rates", "review")["changes"]
    before = terminal.json("rates", waiting["gpu_type"])["cards"]
    rejected = terminal.json("rates", "review", "reject", str(waiting["id"]), "--why", "a slip")
    assert (rejected["status"], rejected["decided_why"]) == ("rejected", "a slip")
    assert rejected["decided_by"]
    assert terminal.json("rates", waiting["gpu_type"])["cards"] == before
    again = terminal.json("rates", "check")
    assert (outcomes(again), again["waiting"]) == (ALL_GOOD, 0)


def test_the_first_decision_stands(terminal: Terminal) -> None:
    terminal.pages.update(good_pages(tenfold_gpu=True))
    terminal.says("rates", "check")
    terminal.says("rates", "review", "reject", "1", "--by", "ann", "--why", "a slip")
    said = terminal.says("rates", "review", "approve", "1", "--by", "bob")
    assert said.endswith(
        f" was already rejected by ann on {TODAY}, because: a slip. The card stays as it was.\n"
    )
    (decided,) = terminal.json("rates", "review", "--decided")["changes"]
    assert (decided["status"], decided["decided_by"]) == ("rejected", "ann")


def test_what_its_source_no_longer_says_cannot_be_decided_and_says_so(terminal: Terminal) -> None:
    terminal.pages.update(good_pages(tenfold_gpu=True))
    terminal.says("rates", "check")
    terminal.pages.update(good_pages())
    terminal.says("rates", "check")
    assert re.fullmatch(
        r"Change 1, \w+ \d+GB, waits no longer: its source does not say so any more\.\n",
        terminal.says("rates", "review", "approve", "1"),
    )


def test_a_model_that_is_approved_as_gone_has_no_rate_from_then_on(terminal: Terminal) -> None:
    terminal.pages.update(good_pages(without_window=32_768))
    terminal.says("rates", "check")
    said = terminal.says("rates", "review", "approve", "1", "--by", "ann")
    assert said.endswith(f" was approved by ann. It has no rate from {TODAY}.\n")
    cards = terminal.json("rates", "kimi-k2p6")["cards"]
    assert {card["variant"]: card["in_force"] for card in cards if card["path"] == "tinker"} == {
        "32K": False,
        "128K": True,
    }


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("reject", "99"), "there is no change 99; `rlcost rates review` lists what waits"),
        (("approve",), "say which change to approve; `rlcost rates review` lists them"),
        (("approve", "seven"), "argument number: invalid int value: 'seven'"),
        (("ponder", "1"), "argument decision: invalid choice: 'ponder'"),
        (("--why", "it is so"), "--why belongs to a decision: `rlcost rates review approve N`"),
        (("--by", "ann"), "--by belongs to a decision: `rlcost rates review approve N`"),
        (("approve", "7", "--decided"), "approve and --decided are two things to do: keep one"),
    ],
)
def test_a_review_of_nothing_is_refused_in_a_sentence(
    terminal: Terminal, words: tuple[str, ...], complaint: str
) -> None:
    assert terminal.fails("rates", "review", *words).startswith(f"rlcost: {complaint}")


# -- databases ------------------------------------------------------------------------------------


def test_migrate_makes_a_file_where_there_is_none_and_says_what_it_did(terminal: Terminal) -> None:
    made = terminal.says("migrate")
    assert re.fullmatch(r"The database was brought from nothing to revision \d+\.\n", made)
    assert (terminal.folder / "rlcost.db").is_file()
    again = terminal.says("migrate")
    assert re.fullmatch(r"The database is up to date \(revision \d+\)\.\n", again)


def test_on_postgresql_a_check_needs_migrate_first_and_then_works_the_same(
    terminal: Terminal,
) -> None:
    terminal.pages.update(good_pages(dearer=MODEL))
    with server().database() as name:
        terminal.environment["RLCOST_DATABASE_URL"] = server().url(name)
        assert "rlcost migrate" in terminal.fails("rates", "check")
        assert "observed_rates_missing" in caveats(terminal.json("ask", MODEL))
        assert "from nothing to revision" in terminal.says("migrate")
        assert outcomes(terminal.json("rates", "check"))["fireworks_serverless"] == "changed"
        answer = terminal.json("ask", MODEL)
    assert standard_of(answer)["cards"][0]["effective_from"] == TODAY.isoformat()
    assert "observed_rates_missing" not in caveats(answer)
    assert not (terminal.folder / "rlcost.db").exists()


def caveats(answer: Any) -> set[str]:
    return {caveat["code"] for caveat in answer["caveats"]}


def lost_databases() -> Mapping[str, str]:
    return {
        "a folder": "sqlite:///folder",
        "a file that is none": "sqlite:///garbage.db",
        "a server that is down": "postgresql://bot:hidden@127.0.0.1:1/rlcost",
    }


@pytest.mark.parametrize("lost", lost_databases())
def test_without_its_database_answers_go_on_from_the_package_and_say_so(
    terminal: Terminal, lost: str
) -> None:
    (terminal.folder / "folder").mkdir()
    (terminal.folder / "garbage.db").write_bytes(b"this is no database " * 100)
    package = terminal.json("ask", MODEL)
    assert "observed_rates_missing" not in caveats(package)
    terminal.environment["RLCOST_DATABASE_URL"] = lost_databases()[lost]
    answer = terminal.json("ask", MODEL)
    assert bills(answer) == bills(package)
    assert caveats(answer) == caveats(package) | {"observed_rates_missing"}
    warning = "The database of observed rates cannot be reached"
    for words in (("ask", MODEL), ("rates", MODEL), ("rates", "history", MODEL)):
        assert warning in " ".join(terminal.says(*words).split())
    assert terminal.json("rates", "history", MODEL)["observed_rates_missing"] is True


@pytest.mark.parametrize("lost", lost_databases())
def test_without_its_database_nothing_is_checked_or_decided_and_no_secret_is_told(
    terminal: Terminal, lost: str
) -> None:
    (terminal.folder / "folder").mkdir()
    (terminal.folder / "garbage.db").write_bytes(b"this is no database " * 100)
    terminal.environment["RLCOST_DATABASE_URL"] = lost_databases()[lost]
    for words in (("check",), ("review",), ("review", "approve", "1")):
        said = terminal.fails("rates", *words)
        assert "RLCOST_DATABASE_URL" in said
        assert "hidden" not in said
    assert "RLCOST_DATABASE_URL" in terminal.fails("migrate")
    assert terminal.asked == []


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://bot:hidden@db/rlcost", "sqlite://", "sqlite:///:memory:"]
)
def test_a_setting_that_is_no_database_or_one_that_keeps_nothing_is_refused_by_every_command(
    terminal: Terminal, url: str
) -> None:
    terminal.environment["RLCOST_DATABASE_URL"] = url
    serve = {"SLACK_BOT_TOKEN": "xoxb-1-a", "SLACK_SIGNING_SECRET": "s", "SLACK_API_URL": ""}
    for words in (
        ("ask", MODEL),
        ("rates", MODEL),
        ("rates", "history", MODEL),
        ("rates", "check"),
        ("rates", "review"),
        ("migrate",),
    ):
        said = terminal.fails(*words)
        assert said.startswith("rlcost: RLCOST_DATABASE_URL ")
        assert "hidden" not in said
    done = terminal.start("serve", **serve)
    assert (done.status, done.out) == (2, "")
    assert "RLCOST_DATABASE_URL " in done.err.splitlines()[-1]
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("h200",), "`h200` names none; `rlcost models` lists them"),
        (
            ("kimi-k2p6", "gpt-oss-120b"),
            "`kimi-k2p6 gpt-oss-120b` names `kimi-k2p6` and `gpt-oss-120b`: ask for one at a time",
        ),
    ],
)
def test_a_history_of_no_model_or_of_two_says_which_of_both(
    terminal: Terminal, words: tuple[str, ...], complaint: str
) -> None:
    said = terminal.fails("rates", "history", *words)
    assert said == f"rlcost: rates history takes one model, and {complaint}"


def test_a_long_decision_is_wrapped_as_views_are(terminal: Terminal) -> None:
    terminal.pages.update(good_pages(tenfold_gpu=True))
    terminal.says("rates", "check")
    said = terminal.says("rates", "review", "approve", "1", "--why", "it is so " * 30)
    assert len(said.splitlines()) > 2
    assert max(map(len, said.splitlines())) <= 100


def test_without_a_database_none_is_made_or_loaded_to_answer(terminal: Terminal) -> None:
    script = (
        "import sys; from bot.cli import run; status = run(['ask', 'kimi-k3']); "
        "print(sorted({'sqlalchemy', 'aiosqlite', 'asyncpg', 'alembic'} & set(sys.modules))); sys.exit(status)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        encoding="utf-8",
        cwd=terminal.folder,
        env={**os.environ, "RLCOST_DATABASE_URL": "", "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=True,
    )
    assert run.stdout.splitlines()[-1] == "[]"
    assert list(terminal.folder.iterdir()) == []


def test_a_day_before_a_change_is_answered_with_the_rate_of_that_day(terminal: Terminal) -> None:
    terminal.pages.update(good_pages(dearer=MODEL))
    terminal.says("rates", "check")
    day = max(standard(MODEL).effective_from, date(2026, 8, 1))
    listed = terminal.json("rates", MODEL, "--as-of", day.isoformat())["cards"]
    (row,) = (each for each in listed if each["path"] == "serverless_standard")
    assert row["input_usd_per_mtok"] == float(standard(MODEL).input_usd_per_mtok)
