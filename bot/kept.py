"""Requests that come back: from a button, a form, a thread or a line of input, checked as if they were new."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.requests import Field, Request, as_json, from_json
from pricing.catalogue import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A request and the day on which it was answered, so that what is shared is what was seen."""

    request: Request
    day: date


def known_request(raw: object, catalogue: Catalogue, *, today: date) -> Request:
    """The request that was kept as JSON.

    Raises ValueError, in one sentence, for one that no reading could have given: of another form, of a model that is
    not covered, or priced on a day to come.
    """
    request = from_json(raw)
    unknown = [key for key in request.models if key not in catalogue]
    if unknown:
        raise ValueError(f"`previous` names `{unknown[0]}`, which is no covered model")
    day = request.fields.get(Field.AS_OF)
    if isinstance(day, date) and day > today:
        raise ValueError(f"`previous` is priced as of {day}, which is in the future")
    return request


def pack(request: Request, *, day: date) -> str:
    """The canonical request as one line of JSON, with the day of its answer beside it.

    Its problems stay behind: they quote what somebody typed, and nothing reads them again.
    """
    return json.dumps(
        {**as_json(replace(request, problems=())), "answered_on": day.isoformat()},
        ensure_ascii=False,
        separators=(",", ":"),
    )


def unpack(text: str, catalogue: Catalogue, *, today: date) -> Kept:
    """What `pack` made. Raises ValueError for anything else."""
    try:
        raw: Any = json.loads(text)
    except RecursionError as error:
        raise ValueError("a kept request is not nested so deep") from error
    if not isinstance(raw, Mapping) or "intent" not in raw:
        raise ValueError("a kept request is a JSON object with an intent")
    day = date.fromisoformat(str(raw.get("answered_on", today)))
    if day > today:
        raise ValueError(f"a kept request was answered on {day}, which is in the future")
    return Kept(request=known_request(raw, catalogue, today=today), day=day)
