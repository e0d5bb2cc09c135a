"""Sentences about a request: what was read, and what to type instead of what was not."""

from datetime import date
from decimal import Decimal
from typing import assert_never

from bot.formatting.figures import limit, number, rounded
from bot.formatting.wording import gpu_name, listed
from bot.requests.fields import GPU_TYPES, RANGES
from bot.requests.normalise import LONGEST_TEXT, MENTION
from bot.requests.request import SOLVED, Field, Intent, Problem, ProblemCode, Request, Span, Value
from bot.suggestions import near_model, near_preset

_ECHO_LENGTH = 60


def question(request: Request, intent: Intent) -> str:
    """What was read, in words: the kind of question, the models, the fields."""
    kinds = {
        Intent.COMPARE: "a comparison",
        Intent.SWEEP: "a sweep",
        Intent.LIMITS: "a question about at-par limits",
        Intent.SOLVE: f"a question for {FIELD_WORDS.get(request.solve_for or Field.TURNS, 'a field')}",
        Intent.EXPLAIN: "a request for the working",
        Intent.DIGEST: "a request about digests",
    }
    models = f" of {listed(f'`{key}`' for key in request.models)}" if request.models else ""
    fields = [field_words(field, value) for field, value in request.fields.items()]
    return f"{kinds.get(intent, 'a question')}{models}{f' with {listed(fields)}' if fields else ''}"


def request_words(request: Request) -> str:
    """A run in words: `kimi-k2p6, 20 turns and 5,000 episodes`."""
    fields = [field_words(field, value) for field, value in request.fields.items()]
    models = listed(f"`{key}`" for key in request.models)
    run = [f"`{request.preset}`", *fields] if request.preset else fields
    return f"{models}, {listed(run)}" if run else models


FIELD_WORDS = {
    Field.TURNS: "turns",
    Field.EPISODES: "episodes",
    Field.INITIAL_PROMPT_TOKENS: "initial prompt tokens",
    Field.TOKENS_ADDED_PER_TURN: "tokens added per turn",
    Field.TOOL_RESULT_TOKENS_PER_TURN: "tool result tokens per turn",
    Field.DECODE_TOKENS_PER_TURN: "tokens decoded per turn",
    Field.GPUS: "GPUs",
    Field.PROMPT_TPS: "prompt tok/s",
    Field.DECODE_TPS: "decode tok/s",
}


_COUNTS = (Field.TURNS, Field.EPISODES, Field.GPUS)


def field_words(field: Field, value: Value) -> str:
    """A field with its value, as one says it: `20 turns`, `a budget of $10,000`."""
    match value:
        case tuple():
            text = listed((number(item) for item in value), last="or")
        case Span(start=start, end=end, step=step):
            whole = f"{number(start)} to {number(end)} {FIELD_WORDS[field]}"
            return whole if step is None else f"{whole} in steps of {number(step)}"
        case date():
            return f"the rates of {value}"
        case str():
            return f"{gpu_name(value)} GPUs"
        case _ if field is Field.BUDGET_USD:
            return f"a budget of {limit(Decimal(value))}"
        case _ if field is Field.DEADLINE_HOURS:
            return f"a deadline of {hours_words(Decimal(value))}"
        case _:
            text = number(value)
    words = FIELD_WORDS[field]
    if value == 1:
        words = words.removesuffix("s") if field in _COUNTS else words.replace("tokens", "token")
    return f"{text} {words}"


def hours_words(hours: Decimal) -> str:
    """A time in the unit that suits it, to three significant digits: `6 hours`, `2 days`, `26.7 seconds`."""
    count, unit = _in_its_unit(hours)
    return f"{count} {unit}" if count == "1" else f"{count} {unit}s"


def short_hours(hours: Decimal) -> str:
    """The same for a cell of a table: `6 h`, `26.7 s`."""
    count, unit = _in_its_unit(hours)
    return f"{count} {_SYMBOLS[unit]}"


def hours_band_words(low: Decimal, high: Decimal) -> str:
    """A time with its other end, where that differs: `7.41 to 9.59 hours`."""
    (least, its_unit), (most, unit) = _in_its_unit(low), _in_its_unit(high)
    if (least, its_unit) == (most, unit):
        return hours_words(high)
    return f"{least if its_unit == unit else hours_words(low)} to {hours_words(high)}"


_HOURS_A_DAY = 24
_AN_HOUR = {"hour": 1, "minute": 60, "second": 3600}
_SYMBOLS = {"day": "d", "hour": "h", "minute": "min", "second": "s"}
# A quotient such as 1/60 of an hour is a minute, though its last digit is rounded.
_NEARLY = Decimal("1e-9")


def _in_its_unit(hours: Decimal) -> tuple[str, str]:
    """The number and its unit: whole days from two on, otherwise the largest unit of which there is one. What was rounded
    keeps its zeros, so `6.00 hours` may be a little more than 6."""
    if hours >= 2 * _HOURS_A_DAY and hours % _HOURS_A_DAY == 0:
        return number(hours / _HOURS_A_DAY), "day"
    unit = next((u for u, each in _AN_HOUR.items() if hours * each >= 1 - _NEARLY), "second")
    count = hours * _AN_HOUR[unit]
    text = rounded(count)
    whole = number(Decimal(text.replace(",", "")))
    return whole if abs(Decimal(whole.replace(",", "")) - count) <= count * _NEARLY else text, unit


def problem_text(problem: Problem, *, example_model: str) -> str:
    """What was found, and what to type instead."""
    said = _echo(problem.text)
    match problem.code:
        case ProblemCode.MODEL_MISSING:
            return f"No model is named; name one, such as `{example_model}`."
        case ProblemCode.MODEL_UNKNOWN:
            return f"I don't know the model {said}.{_hinted(problem, near=near_model(problem) is not None)}"
        case ProblemCode.MODEL_AMBIGUOUS:
            return f"{said} could be {_names(problem)}; name one of them."
        case ProblemCode.FIELD_UNKNOWN if problem.hint == ", ".join(SOLVED):
            return (
                f"I cannot work out {said}. I can: how many `episodes` a budget buys, from how many `turns` one path is "
                "cheaper than another, and how many `gpus` a deadline needs."
            )
        case ProblemCode.FIELD_UNKNOWN:
            return f"{said} names nothing that I can set.{_hinted(problem, near=',' not in problem.hint)}"
        case ProblemCode.FIELD_MISSING:
            return _missing(problem)
        case ProblemCode.VALUE_INVALID:
            return _invalid(problem, said)
        case ProblemCode.VALUE_OUT_OF_RANGE:
            return f"{said} is out of range: {takes(problem.field)}."
        case ProblemCode.VALUE_CONFLICT:
            return _conflict(problem, said)
        case ProblemCode.UNPLACED:
            return f"{said} belongs to no field; say what it counts, as `turns=20` does."
        case _:
            assert_never(problem.code)


def _hinted(problem: Problem, *, near: bool) -> str:
    """What may have been meant, or else what there is."""
    if not problem.hint:
        return ""
    return (
        f" Did you mean {_names(problem)}?"
        if near
        else f" There is {_names(problem, last='and')}, among others."
    )


def _names(problem: Problem, *, last: str = "or") -> str:
    """The hints of a problem, each to be typed as it stands."""
    return listed((f"`{name.strip()}`" for name in problem.hint.split(",")), last=last)


def _missing(problem: Problem) -> str:
    if problem.field is Field.BUDGET_USD:
        return "How many episodes depends on the money; add it, such as `budget=$10k`."
    return "How many GPUs depends on the time; add it, such as `deadline=6h`."


def _invalid(problem: Problem, said: str) -> str:
    if problem.field is None and near_preset(problem) is not None:
        if _begins_all(problem):
            return f"{said} could be {_names(problem)}; name one of them."
        return (
            f"{said} is no preset; there is {_names(problem, last='and')}, and `shapes` lists all."
        )
    if problem.field is None:
        return f"The text is longer than {LONGEST_TEXT:,} characters; send a shorter one."
    if problem.times is not None:
        return f"{said} changes a value that is not said: {takes(problem.field)}."
    match problem.near:
        case date() as day:
            return f"{said} is no day that can be read; write `as_of={day}`."
        case Span(start=start, end=end):
            return f"{said} runs backwards; write `{problem.field}={start}..{end}`."
        case _:
            return f"{said} cannot be read as a value: {takes(problem.field)}."


def _begins_all(problem: Problem) -> bool:
    """Whether every preset that a problem hints at begins with what was said."""
    beginning = f"{problem.text.lower()}-"
    return all(name.strip().startswith(beginning) for name in problem.hint.split(","))


def _conflict(problem: Problem, said: str) -> str:
    if problem.field is Field.TOKENS_ADDED_PER_TURN:
        return (
            f"{said} does not add up: tokens added per turn are those decoded plus the tool result; "
            "leave one of the three out."
        )
    if problem.field is None:
        return f"Two presets are named, {_names(problem)} and {said}; keep one."
    return f"{problem.field} is said more than once ({said}); keep one value."


def takes(field: Field | None) -> str:
    """What a field takes, with its range."""
    if field is Field.AS_OF:
        return "`as_of` takes a day that has been, such as `as_of=2026-05-16`"
    if field is Field.GPU_TYPE:
        return f"`gpu_type` takes {listed((f'`{gpu}`' for gpu in GPU_TYPES), last='or')}"
    if field is None or field not in RANGES:
        return "write a number"
    allowed = RANGES[field]
    kind = "whole numbers" if allowed.whole else "numbers"
    low = (
        f"above {number(allowed.lowest)}, up to"
        if allowed.above
        else f"from {number(allowed.lowest)} to"
    )
    return f"`{field}` takes {kind} {low} {number(allowed.highest)}"


def _echo(text: str) -> str:
    """A piece of the text in backticks, on one line and not too long."""
    piece = " ".join(text.split()).replace("`", "'").replace(MENTION, "@mention")
    return f"`{piece[:_ECHO_LENGTH]}…`" if len(piece) > _ECHO_LENGTH else f"`{piece}`"
