"""What reaches the log: one form, no secret, and nothing that a user typed."""

import io
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.logs import configure, log_fault, redact

ROOT = Path(__file__).parent.parent.parent
TYPED = "what-the-user-typed"
CHANGED = (None, "bot", "pricing", "slack_bolt", "slack_sdk", "aiohttp.access", "sqlalchemy")

Written = io.StringIO


@pytest.fixture
def log() -> Iterator[Written]:
    """Our log at INFO, written to memory; afterwards logging is as it was."""
    levels = {name: logging.getLogger(name).level for name in CHANGED}
    stream = Written()
    configure(stream, level="INFO")
    yield stream
    root = logging.getLogger()
    root.handlers[:] = [h for h in root.handlers if type(h).__module__ != "bot.logs"]
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    """The exception with a traceback, as an `except` would find it."""
    try:
        raise error from cause
    except BaseException as caught:  # noqa: BLE001 - to hand it on
        return caught


def test_a_record_is_a_line_with_time_level_logger_and_message(log: Written) -> None:
    noon = datetime(2026, 11, 21, 12, 0, 0, 250_000, tzinfo=UTC).timestamp()
    record = logging.makeLogRecord(
        {
            "name": "bot.app",
            "levelname": "INFO",
            "levelno": logging.INFO,
            "msg": "ready for %d",
            "args": (3,),
            "created": noon,
        }
    )
    logging.getLogger("bot.app").handle(record)
    assert log.getvalue() == "2026-11-21T12:00:00.250Z INFO bot.app ready for 3\n"


def test_a_message_cannot_pass_for_a_second_record(log: Written) -> None:
    logging.getLogger("bot").info("one\n2026-11-21 ERROR bot two\rthree\x1b[31m\x85four\u2028five")
    assert log.getvalue().splitlines()[1:] == [
        r"    2026-11-21 ERROR bot two\x0dthree\x1b[31m\x85four\u2028five"
    ]


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-1234-5678-hidden",
        "xoxp-hidden",
        "xoxa-2-hidden",
        "xoxr-hidden",
        "xoxe-1-hidden",
        "xoxe.xoxb-1-hidden",
        "xapp-1-A1-2-hidden",
        "xwfp-hidden",
        "https://hooks.slack.com/services/T1/B1/hidden",
        "http://hooks.slack.com/hidden",
        "HTTPS://HOOKS.SLACK.COM/hidden",
        "https:\\/\\/hooks.slack.com\\/actions\\/T1\\/1\\/hidden",
        "https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1%2F1%2Fhidden",
        "http://127.0.0.1:8080/commands/T1/123/hidden",
        "http://127.0.0.1:8080/actions/T0ABC/123/hidden",
        "http://127.0.0.1:8080/workflows/hidden",
        "/commands/T1/123/hidden",
        "13345224609.738474920.abcdef0123456789",
        "trigger_id=hidden",
        "'trigger_id': 'hidden'",
        '{\\"response_url\\": \\"hidden',
        "v0=0123456789abcdef",
        "gAAAAABhidden-_x==",
        "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "postgresql://bot:hidden@db/rlcost",
    ],
)
@pytest.mark.parametrize("place", ["message", "argument", "exception"])
def test_no_secret_is_written_wherever_it_stands(log: Written, secret: str, place: str) -> None:
    ours = logging.getLogger("bot")
    if place == "message":
        ours.warning(f"got {secret} there")
    elif place == "argument":
        ours.warning("got %s there", {"body": f"a {secret} b"})
    else:
        ours.warning("got it there", exc_info=raised(ValueError(secret)))
    written = log.getvalue()
    assert "got " in written
    assert " there" in written
    for piece in ("hidden", "0123456789abcdef", "MDEyMzQ1", "abcdef0123456789"):
        assert piece not in written


@pytest.mark.parametrize(
    "harmless",
    [
        "posted to C1 at 1700000001.000100 for T1",
        "https://docs.slack.dev/reference/methods/chat.postMessage",
        "bot/actions/test/more.py and bot/workflows/step.py",
        "kimi-k2p6 v0=12 tokens=5 on 2026-11-21",
    ],
)
def test_what_is_no_secret_is_written_as_it_is(log: Written, harmless: str) -> None:
    logging.getLogger("bot").info("%s", harmless)
    assert log.getvalue().endswith(f" INFO bot {harmless}\n")


def test_a_record_that_cannot_be_formatted_is_named_on_stderr_and_not_shown() -> None:
    program = (
        "import logging, bot.logs\n"
        "bot.logs.configure(level='INFO')\n"
        f"logging.getLogger('bot').info('%d tokens', '{TYPED}')\n"
        "logging.getLogger('bot').info('%d tokens', 5)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    first, second = run.stderr.splitlines()
    assert first == "a record of bot at line 3 was not written"
    assert second.endswith(" INFO bot 5 tokens")
    assert run.stdout == ""


def test_libraries_tell_warnings_and_we_tell_what_was_asked_for(log: Written) -> None:
    for name in ("slack_bolt.AsyncApp", "slack_sdk.web", "aiohttp.access", "sqlalchemy.engine"):
        logging.getLogger(name).info("a body")
        logging.getLogger(name).warning("a warning of %s", name)
    logging.getLogger("bot.app").debug("too fine")
    logging.getLogger("bot.app").info("ready")
    assert [line.split(" ", 2)[2] for line in log.getvalue().splitlines()] == [
        "slack_bolt.AsyncApp a warning of slack_bolt.AsyncApp",
        "slack_sdk.web a warning of slack_sdk.web",
        "aiohttp.access a warning of aiohttp.access",
        "sqlalchemy.engine a warning of sqlalchemy.engine",
        "bot.app ready",
    ]


@pytest.mark.usefixtures("log")
def test_the_loggers_that_bolt_names_after_the_program_tell_warnings_alone() -> None:
    configure(io.StringIO(), level=logging.DEBUG)
    app = AsyncApp(name="a-program", token="xoxb-1", signing_secret="secret")
    assert app.logger.getEffectiveLevel() == logging.WARNING
    assert logging.getLogger("bot").isEnabledFor(logging.DEBUG)


def test_a_level_above_warnings_holds_for_everyone(log: Written) -> None:
    configure(log, level="ERROR")
    logging.getLogger("bot").warning("ours")
    logging.getLogger("slack_bolt").warning("theirs")
    assert log.getvalue() == ""


def test_configuring_twice_writes_each_record_once_and_to_the_last_stream(log: Written) -> None:
    second = io.StringIO()
    configure(second, level="INFO")
    logging.getLogger("bot").info("once")
    assert log.getvalue() == ""
    assert second.getvalue().count("once") == 1


def test_a_fault_is_one_record_under_the_reference_that_is_returned(log: Written) -> None:
    reference = log_fault(raised(ValueError(TYPED)), where="the command /rlcost")
    assert re.fullmatch(r"[23456789BCDFGHJKMNPQRSTVWXZ]{8}", reference)
    first, *rest = log.getvalue().splitlines()
    assert first.endswith(f" ERROR bot.logs fault {reference} in the command /rlcost")
    assert rest[0] == "    ValueError"
    assert "test_logs.py" in rest[1]
    assert ", in raised" in rest[1]
    assert all(line.startswith("    ") for line in rest)


def test_no_two_faults_share_a_reference(log: Written) -> None:
    references = {log_fault(raised(ValueError()), where="here") for _ in range(50)}
    assert len(references) == 50
    assert all(reference in log.getvalue() for reference in references)


def test_nothing_that_a_user_typed_is_told_of_a_fault_or_its_causes(log: Written) -> None:
    cause = raised(KeyError(TYPED), raised(OSError(5, TYPED, TYPED)))
    error = raised(ValueError(f"cannot read {TYPED}", {"text": TYPED}), cause)
    error.add_note(TYPED)
    log_fault(error, where="here")
    written = log.getvalue()
    assert TYPED not in written
    names = [line.strip() for line in written.splitlines()[1:]]
    assert [n for n in names if n.endswith("Error")] == [
        "ValueError",
        "caused by KeyError",
        "caused by OSError",
    ]


def test_what_was_being_handled_is_told_unless_it_was_set_aside(log: Written) -> None:
    def inner(*, quiet: bool) -> None:
        try:
            raise KeyError(TYPED)
        except KeyError:
            if quiet:
                raise ValueError(TYPED) from None
            raise ValueError(TYPED)  # noqa: B904 - this is what is tested

    for quiet in (False, True):
        with pytest.raises(ValueError, match=TYPED) as caught:
            inner(quiet=quiet)
        log_fault(caught.value, where="quiet" if quiet else "loud")
    loud, _, quiet_part = log.getvalue().partition(" in quiet\n")
    assert "while handling KeyError" in loud
    assert "KeyError\n" not in quiet_part
    assert TYPED not in log.getvalue()


def test_every_member_of_a_group_is_told(log: Written) -> None:
    group = BaseExceptionGroup(TYPED, [raised(ValueError(TYPED)), raised(KeyError(TYPED))])
    log_fault(raised(group), where="here")
    assert "ExceptionGroup\n" in log.getvalue()
    assert "one of its exceptions: ValueError" in log.getvalue()
    assert "one of its exceptions: KeyError" in log.getvalue()
    assert TYPED not in log.getvalue()


def test_causes_in_a_circle_and_in_a_long_chain_come_to_an_end(log: Written) -> None:
    one, two = ValueError(), KeyError()
    one.__cause__, two.__cause__ = two, one
    log_fault(one, where="a circle")
    last: BaseException = ValueError()
    for _ in range(3 * sys.getrecursionlimit()):
        last, last.__cause__ = ValueError(), last
    log_fault(last, where="a chain")
    assert log.getvalue().count("KeyError") == 1
    assert len(log.getvalue().splitlines()) < 60


def test_a_deep_recursion_is_told_by_its_last_frames(log: Written) -> None:
    def deeper(depth: int) -> None:
        if depth:
            shallower(depth - 1)
        raise ValueError

    def shallower(depth: int) -> None:
        deeper(depth)

    with pytest.raises(ValueError) as caught:  # noqa: PT011 - it has no message
        deeper(200)
    log_fault(caught.value, where="here")
    assert 50 <= log.getvalue().count("in deeper") + log.getvalue().count("in shallower") <= 100


async def refused_by_slack() -> SlackApiError:
    """What the SDK raises when a server refuses a message, over a real connection."""

    async def refuse(_: web.Request) -> web.Response:
        return web.json_response({"ok": False, "error": "invalid_blocks", "detail": TYPED})

    app = web.Application()
    app.router.add_post("/api/chat.postMessage", refuse)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        client = AsyncWebClient("xoxb-1", base_url=f"http://127.0.0.1:{port}/api/")
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel="C1", text=TYPED)
    finally:
        await runner.cleanup()
    return caught.value


async def test_of_what_slack_refused_code_status_and_method_are_told(log: Written) -> None:
    log_fault(await refused_by_slack(), where="deliver")
    line = log.getvalue().splitlines()[1]
    assert line == (
        "    slack_sdk.errors.SlackApiError (invalid_blocks, HTTP 200, /api/chat.postMessage)"
    )
    assert TYPED not in log.getvalue()


@pytest.mark.parametrize("response", [{"error": TYPED}, {}, TYPED, None, b"<html>"])
def test_a_refusal_in_another_form_is_told_without_its_words(
    log: Written, response: object
) -> None:
    log_fault(raised(SlackApiError(TYPED, response)), where="deliver")
    assert "SlackApiError (no error code)" in log.getvalue()
    assert TYPED not in log.getvalue()


def test_other_loggers_exceptions_are_told_without_their_messages_too(log: Written) -> None:
    error = raised(ValueError(TYPED))
    logging.getLogger("asyncio").error("Task exception was never retrieved", exc_info=error)
    assert "ValueError" in log.getvalue()
    assert ", in raised" in log.getvalue()
    assert TYPED not in log.getvalue()


def test_the_address_of_a_socket_and_the_code_of_an_installation_are_redacted() -> None:
    told = redact(
        "no upgrade at wss://wss.example.com/link/?ticket=abc123&app_id=9, then ?code=xyz9"
    )
    assert "abc123" not in told
    assert "xyz9" not in told
    assert told.startswith("no upgrade at [redacted]")
