"""From what a text says to the request: intents, follow-ups, and what is missing."""

from collections.abc import Mapping
from dataclasses import replace

from .beside import Beside
from .fields import aliases, squash
from .intents import Asked
from .names import Names
from .reading import Reading
from .request import SOLVED, Field, Intent, Problem, ProblemCode, Request, Value, has_several
from .settled import Settled, merged_fields, settle

_ANEW = (Intent.ESTIMATE, Intent.COMPARE, Intent.SWEEP)
_STAY = (Intent.LIMITS, Intent.EXPLAIN, Intent.SOLVE)
_NEED_A_MODEL = (Intent.ESTIMATE, Intent.SWEEP, Intent.LIMITS, Intent.SOLVE, Intent.EXPLAIN)
_SOLVE_NEEDS = {Field.EPISODES: Field.BUDGET_USD, Field.GPUS: Field.DEADLINE_HOURS}
_EXPORTED = (*_ANEW, *_STAY, Intent.RATES, Intent.SHAPES)
"""Whose answers another text can ask for as a file."""


def understand(
    reading: Reading, asked: Asked, names: Names, previous: Request | None, aside: Beside
) -> Request:
    """The request of a text that was read, as the first of its thread or as a follow-up of `previous`."""
    before = None if asked.start_over or previous is None else _with_stated(previous)
    if before is not None:
        reading.removed += [target for target in asked.dropped if target in before.fields]
    swept = asked.first_word is Intent.SWEEP
    text = settle(reading, names, before, unwanted=asked.unwanted, swept=swept)
    said_nothing = not (
        text.dropped
        or text.named or text.model_problems or text.values or text.faults or text.others or reading.keys
        or reading.numbers or reading.removed or aside.says_something or _asks_for_paths(asked, before)
    )  # fmt: skip
    models = _models(text, asked, names, before)
    fields = merged_fields(text, reading, before)
    if aside.listing:
        intent = Intent.SHAPES
    elif before is None:
        named_count = len(text.named) + len(text.model_problems)
        intent = _first_intent(asked, named_count, fields, said_nothing=said_nothing)
    elif before.intent in _EXPORTED and _is_export_alone(aside, reading, asked):
        intent = before.intent
    else:
        intent = _next_intent(text, asked, models, fields, before, said_nothing=said_nothing)
    unsolvable = _unsolvable(asked, text)
    intent = Intent.SOLVE if unsolvable else intent
    solve_for = None if unsolvable else _solve_for(intent, asked, fields, before)
    value = fields.pop(solve_for, None) if solve_for else None
    stated = value if before and not _is_asked_now(solve_for, asked, text, before) else None
    if intent is Intent.NONE and previous:
        fields = dict(previous.fields)
    problems = [
        *aside.problems,
        *text.model_problems,
        *_missing(intent, models, text, fields, solve_for),
        *unsolvable,
        *(fault for fault in text.faults.values() if not _is_question(fault, solve_for)),
    ]
    return Request(
        intent=intent,
        models=tuple(models),
        fields=fields,
        problems=(*problems, *text.others),
        solve_for=solve_for,
        stated=stated,
        paths=_paths(intent, asked, before),
        action=asked.action,
        preset=_preset(aside, before),
        prefix=aside.prefix or (before.prefix if before and intent is before.intent else None),
        export=aside.export,
    )


def _with_stated(previous: Request) -> Request:
    """The request before, with the value that was said of what it asks for in its place."""
    if previous.solve_for is None or previous.stated is None:
        return previous
    return replace(
        previous, fields={**previous.fields, previous.solve_for: previous.stated}, stated=None
    )


def _is_asked_now(solve_for: Field | None, asked: Asked, text: Settled, before: Request) -> bool:
    """Whether the text itself asks for the field's value: in words, or for turns by the paths to set against each other."""
    if Intent.SOLVE in (asked.first_word, asked.sentence) or before.solve_for is not solve_for:
        return True
    return solve_for is Field.TURNS and bool(asked.paths.named) and solve_for not in text.values


def _unsolvable(asked: Asked, text: Settled) -> list[Problem]:
    """What is asked for and cannot be worked out; a field that has a value is given, and not asked for."""
    if asked.unsolvable is None:
        return []
    said, field = asked.unsolvable
    if field in text.values or (field is Field.TURNS and field in text.faults):
        return []
    if field is not None:
        text.faults.pop(field, None)  # *solve for the budget:* has its key alone
    return [Problem(code=ProblemCode.FIELD_UNKNOWN, text=said, hint=", ".join(SOLVED))]


def _is_question(fault: Problem, solve_for: Field | None) -> bool:
    """Whether nothing but the key of what is asked was said: *solve for turns: kimi-k2p6*."""
    return fault.field is solve_for and aliases().get(squash(fault.text.lower())) is solve_for


def _asks_for_paths(asked: Asked, before: Request | None) -> bool:
    """Whether a follow-up asks the question before it again, on other paths."""
    if before is None or not asked.paths.asked:
        return False
    return bool(before.models) or before.intent in (Intent.COMPARE, Intent.RATES)


def _paths(intent: Intent, asked: Asked, before: Request | None) -> tuple[str, ...]:
    old = before.paths if before else ()
    if before and intent is Intent.NONE:
        return old
    return asked.paths.after(old, also=asked.also, with_one=asked.with_one)


def _preset(aside: Beside, before: Request | None) -> str | None:
    """The preset in force: the one named, else the one before; none where it was dropped or two were named."""
    if aside.named or aside.dropped or aside.problems:
        return aside.preset if not aside.problems else None
    return before.preset if before else None


def _is_export_alone(aside: Beside, reading: Reading, asked: Asked) -> bool:
    """Whether a text asks for a file and for nothing else."""
    if not aside.export:
        return False
    said = aside.named or aside.dropped or reading.said or reading.mentions or reading.removed
    question = asked.first_word or asked.sentence or asked.estimate_asked
    return not (said or question or asked.all_models or asked.sweep)


# -- models ----------------------------------------------------------------------------------------------


def _models(text: Settled, asked: Asked, names: Names, before: Request | None) -> list[str]:
    if before is None:
        all_but = asked.all_models and text.dropped and not text.named
        return [key for key in names.keys if key not in text.dropped] if all_but else text.named
    all_compared = before.intent is Intent.COMPARE and not before.models
    if text.dropped:
        old = names.keys if all_compared and not text.named else before.models
        kept = [key for key in old if key not in text.dropped]
        return list(dict.fromkeys([*kept, *text.named]))
    if asked.all_models and not text.named:
        return []
    if text.model_problems or not text.named:
        return list(before.models)
    added = asked.also or (asked.with_one and len(text.named) == 1)
    if added and all_compared:
        return []
    return list(dict.fromkeys([*before.models, *text.named])) if added else text.named


# -- intents ---------------------------------------------------------------------------------------------


def _first_intent(
    asked: Asked, named: int, fields: Mapping[Field, Value], *, said_nothing: bool
) -> Intent:
    if asked.first_word is Intent.COMPARE:
        return Intent.ESTIMATE if named == 1 else Intent.COMPARE
    if asked.first_word or asked.sentence:
        return asked.first_word or asked.sentence or Intent.HELP
    if named >= 2 or (asked.compare and named == 0) or asked.all_models:
        return Intent.COMPARE
    if has_several(fields):
        return Intent.SWEEP
    return Intent.HELP if said_nothing and not asked.estimate else Intent.ESTIMATE


def _next_intent(
    text: Settled,
    asked: Asked,
    models: list[str],
    fields: Mapping[Field, Value],
    before: Request,
    *,
    said_nothing: bool,
) -> Intent:
    joined = asked.also or asked.with_one or asked.compare_word
    together = len(models) + (len(text.model_problems) if joined else 0)
    if asked.first_word is Intent.COMPARE:
        return Intent.ESTIMATE if together == 1 else Intent.COMPARE
    if asked.first_word in _ANEW and asked.first_word is not Intent.SWEEP and not asked.sentence:
        return _anew(together, fields, before, asked)
    if asked.first_word or asked.sentence:
        return asked.first_word or asked.sentence or Intent.NONE
    if (asked.compare_word and (text.named or text.model_problems)) or asked.all_models:
        return Intent.COMPARE if together != 1 else Intent.ESTIMATE
    if asked.sweep:
        return Intent.SWEEP
    if asked.why and said_nothing and before.intent in (*_ANEW, *_STAY):
        return Intent.EXPLAIN
    if said_nothing and not asked.estimate_asked:
        return Intent.HELP if asked.help else Intent.NONE
    if before.intent in _STAY and not asked.estimate_asked:
        return before.intent
    shape = (set(text.values) | set(text.faults)) - {Field.AS_OF, Field.GPU_TYPE}
    if before.intent is Intent.RATES and not shape and not asked.estimate_asked:
        return Intent.RATES
    return _anew(together, fields, before, asked)


def _anew(models: int, fields: Mapping[Field, Value], before: Request, asked: Asked) -> Intent:
    all_models = models == 0 and (before.intent is Intent.COMPARE or asked.compare)
    if models >= 2 or all_models:
        return Intent.COMPARE
    return Intent.SWEEP if has_several(fields) else Intent.ESTIMATE


def _solve_for(
    intent: Intent, asked: Asked, fields: Mapping[Field, Value], before: Request | None
) -> Field | None:
    if intent is not Intent.SOLVE:
        return None
    if asked.solve_for:
        return asked.solve_for
    if before and before.solve_for:
        return before.solve_for
    if Field.BUDGET_USD in fields:
        return Field.EPISODES
    return Field.GPUS if Field.DEADLINE_HOURS in fields else Field.TURNS


# -- problems --------------------------------------------------------------------------------------------


def _missing(
    intent: Intent,
    models: list[str],
    text: Settled,
    fields: Mapping[Field, Value],
    solve_for: Field | None,
) -> list[Problem]:
    found: list[Problem] = []
    if intent in _NEED_A_MODEL and not models and not text.model_problems:
        found.append(
            Problem(
                code=ProblemCode.MODEL_MISSING,
                text="",
                hint="name a model, as in `kimi-k2p6 turns=20`",
            )
        )
    needed = _SOLVE_NEEDS.get(solve_for) if solve_for else None
    if needed and needed not in fields and needed not in text.faults:
        example = "`$10k`" if needed is Field.BUDGET_USD else "`in 6 hours`"
        found.append(
            Problem(
                code=ProblemCode.FIELD_MISSING,
                field=needed,
                text="",
                hint=f"say it, as in {example}",
            )
        )
    return found
