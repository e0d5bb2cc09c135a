"""Dated rate cards: what a path charged, from when to when, and how we know (pricing/data/*.toml)."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Generic, NamedTuple, Self, TypeVar

from pydantic import AfterValidator, Field, PositiveInt, StringConstraints, model_validator

from engine.rates import TokenRates
from pricing.catalogue import Catalogue, FileGpuType, window_name
from pricing.files import DATA, FileEntry, FileUsd, RateFileError, entry_place, read_entries


class CardPath(StrEnum):
    """Where a rate is charged. Beyond the five billing paths some are listed and priced by none yet."""

    TINKER = "tinker"
    SERVERLESS_STANDARD = "serverless_standard"
    SERVERLESS_PRIORITY = "serverless_priority"
    SERVERLESS_FAST = "serverless_fast"
    SERVERLESS_US = "serverless_us"
    SERVERLESS_US_PRIORITY = "serverless_us_priority"
    SERVERLESS_SPOT = "serverless_spot"
    SERVERLESS_ULTRA_FAST = "serverless_ultra_fast"
    DEDICATED = "dedicated"


FilePath = Annotated[CardPath, Field(strict=False)]


class Ended(StrEnum):
    """Why a card holds no longer."""

    REPLACED = "replaced"
    RETIRED = "retired"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class CardKey(NamedTuple):
    """What a rate is for: a model on a path, for Tinker in one window, or a GPU type."""

    path: CardPath
    item: str
    window_tokens: int | None = None


def _sighting(text: str) -> str:
    days = [date.fromisoformat(day) for day in text.split("/")]
    if len(days) > 2 or days != sorted(days):
        raise ValueError("write a day, or first/last day")
    return text


Sighting = Annotated[str, AfterValidator(_sighting)]
Url = Annotated[str, StringConstraints(pattern=re.compile(r"^https://\S+$"))]


class RateCard(FileEntry):
    """Rates that held from `effective_from` to `effective_to` (inclusive), with their provenance.

    `verified_on` is the last day on which the source was seen to say so; `feed_only` means that no
    official page did. A sighting is a day, or `first/last` of the span in which it was made.
    """

    effective_from: date
    from_certain: bool
    effective_to: date | None = None
    ended: Annotated[Ended, Field(strict=False)] | None = None
    verified_on: date
    confidence: Annotated[Confidence, Field(strict=False)]
    feed_only: bool = False
    source_url: Url
    sightings: Annotated[tuple[Sighting, ...], Field(strict=False, min_length=1)]
    notes: Annotated[tuple[str, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if (self.effective_to is None) != (self.ended is None):
            raise ValueError("`effective_to` and `ended` belong together: give both or neither")
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise ValueError(f"it ends on {self.effective_to}, before it starts")
        return self

    @property
    def key(self) -> CardKey:
        raise NotImplementedError

    @property
    def id(self) -> str:
        """Names the card for good, such as `tinker/kimi-k2p6/128K/2026-07-17/3f2a1c`.

        Path, item, window if any, first day, and a digest of the rates; what may still change, such
        as the last day or the day of the last check, is no part of it.
        """
        window = self.key.window_tokens
        pieces = [
            self.key.path,
            self.key.item,
            self.effective_from.isoformat(),
            self._rates_digest(),
        ]
        if window is not None:
            pieces.insert(2, f"{window // 1024}K" if window % 1024 == 0 else str(window))
        return "/".join(pieces)

    def _rates_digest(self) -> str:
        """Six digits that differ with any rate, and not with zeros behind one: 5.15 is 5.150."""
        rates = (
            f"{field}={format(usd.normalize(), 'f')}"
            for field in sorted(type(self).model_fields)
            if "usd_per_" in field and (usd := getattr(self, field)) is not None
        )
        text = ";".join(rates)
        return hashlib.sha256(text.encode()).hexdigest()[:6]

    @property
    def certain_from(self) -> date:
        """The first day on which the rate is certain to have held: the end of its first sighting."""
        if self.from_certain:
            return self.effective_from
        return min(date.fromisoformat(text.split("/")[-1]) for text in self.sightings)

    def holds_on(self, day: date) -> bool:
        return self.effective_from <= day and (
            self.effective_to is None or day <= self.effective_to
        )


class TokenCard(RateCard):
    """A card of a path that bills tokens, in US dollars per million."""

    model: str
    input_usd_per_mtok: FileUsd
    cached_input_usd_per_mtok: FileUsd | None = None
    output_usd_per_mtok: FileUsd

    @property
    def rates(self) -> TokenRates:
        return TokenRates(
            input_usd_per_mtok=self.input_usd_per_mtok,
            cached_input_usd_per_mtok=self.cached_input_usd_per_mtok,
            output_usd_per_mtok=self.output_usd_per_mtok,
        )


class TinkerCard(TokenCard):
    """Tinker's rates of a model in one window; `train_usd_per_mtok` is shown and not priced."""

    window_tokens: PositiveInt
    train_usd_per_mtok: FileUsd | None = None

    @property
    def key(self) -> CardKey:
        return CardKey(CardPath.TINKER, self.model, self.window_tokens)

    @property
    def variant(self) -> str:
        return window_name(self.window_tokens)


class ServerlessCard(TokenCard):
    """Fireworks' serverless rates of a model on one of its paths."""

    path: FilePath

    @property
    def key(self) -> CardKey:
        return CardKey(self.path, self.model)

    @model_validator(mode="after")
    def _is_serverless(self) -> Self:
        if not self.path.startswith("serverless"):
            raise ValueError(f"`{self.path}` is no serverless path")
        return self


class GpuCard(RateCard):
    """Fireworks' price of one GPU-hour of a dedicated deployment."""

    gpu_type: FileGpuType
    usd_per_gpu_hour: FileUsd

    @property
    def key(self) -> CardKey:
        return CardKey(CardPath.DEDICATED, self.gpu_type)


AnyCard = TinkerCard | ServerlessCard | GpuCard

Card = TypeVar("Card", bound=RateCard)


@dataclass(frozen=True, slots=True)
class Neighbours(Generic[Card]):
    """The cards of a key around a day: the last to have begun by then, and the next to begin."""

    begun: Card | None
    coming: Card | None


class Shelf(Generic[Card]):
    """Cards of one kind, by key and in order of time."""

    def __init__(self, cards: Iterable[Card]) -> None:
        self.cards = tuple(cards)
        self._by_key: dict[CardKey, list[Card]] = {}
        for card in sorted(self.cards, key=lambda card: card.effective_from):
            self._by_key.setdefault(card.key, []).append(card)

    def histories(self) -> Iterator[tuple[Card, ...]]:
        """Each key's cards in order of time; the keys in the order in which they were given."""
        for key in dict.fromkeys(card.key for card in self.cards):
            yield tuple(self._by_key[key])

    def around(self, key: CardKey, day: date) -> Neighbours[Card]:
        begun, coming = None, None
        for card in self._by_key.get(key, ()):
            if card.effective_from > day:
                coming = card
                break
            begun = card
        return Neighbours(begun, coming)


class Conflict(FileEntry):
    """Two sources that disagree about rates from a day on, and what the cards follow.

    Models, windows and GPU types, where given, narrow the paths.
    """

    subject: str
    paths: Annotated[tuple[FilePath, ...], Field(strict=False)]
    models: Annotated[tuple[str, ...], Field(strict=False)] = ()
    windows: Annotated[tuple[PositiveInt, ...], Field(strict=False)] = ()
    gpu_types: Annotated[tuple[FileGpuType, ...], Field(strict=False)] = ()
    since: date
    used: str
    used_source: str
    other: str
    other_source: str

    def concerns(self, key: CardKey, day: date) -> bool:
        items = (*self.models, *self.gpu_types)
        return (
            day >= self.since
            and key.path in self.paths
            and (not items or key.item in items)
            and (not self.windows or key.window_tokens in self.windows)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldClaim:
    """What a source says of a key, other than its card, since a day; a person has not decided on it yet.

    `says` are the rates that differ, None for one that is not listed; `gone`: the source lists the key no more.
    """

    key: CardKey
    says: tuple[tuple[str, Decimal | None], ...]
    gone: bool
    since: date
    source: str


class RateBook:
    """Every rate card. It is never changed: a new collection of cards is a new book.

    `observed_missing`: what was observed after the package was made could not be read, and may be missing here. `held`
    are claims of sources that nobody has decided on. `named`: these are just the cards that somebody named, so that what
    else is sold is not said.
    """

    def __init__(
        self,
        *,
        tinker: Iterable[TinkerCard] = (),
        serverless: Iterable[ServerlessCard] = (),
        gpus: Iterable[GpuCard] = (),
        conflicts: Iterable[Conflict] = (),
        observed_missing: bool = False,
        held: Iterable[HeldClaim] = (),
        named: int | None = None,
    ) -> None:
        self.conflicts = tuple(conflicts)
        self.observed_missing = observed_missing
        self.held = tuple(held)
        self.named = named
        self.tinker = Shelf(tinker)
        self.serverless = Shelf(serverless)
        self.gpus = Shelf(gpus)

    @classmethod
    def of(cls, cards: Iterable[AnyCard], *, conflicts: Iterable[Conflict] = ()) -> Self:
        """A book of cards of any kind, each kind in the order given."""
        cards = tuple(cards)
        return cls(
            tinker=(card for card in cards if isinstance(card, TinkerCard)),
            serverless=(card for card in cards if isinstance(card, ServerlessCard)),
            gpus=(card for card in cards if isinstance(card, GpuCard)),
            conflicts=conflicts,
        )

    def only(self, ids: Iterable[str], *, once: Iterable[AnyCard] = ()) -> Self:
        """A book with just the cards of these ids, none of which any other replaces, as when they were named.

        `once` are cards that it held at some time, and that may be named as well. Raises ValueError naming the first id
        of no card.
        """
        held = {card.id: card for card in (*once, *self)}
        wanted = tuple(dict.fromkeys(ids))
        missing = next((id_ for id_ in wanted if id_ not in held), None)
        if missing is not None:
            raise ValueError(f"there is no rate card `{missing}`")
        cards = [held[id_] for id_ in wanted]
        last = {card.key: card for card in sorted(cards, key=lambda card: card.effective_from)}
        book = type(self).of(
            (_open_ended(card) if card is last[card.key] else card for card in cards),
            conflicts=self.conflicts,
        )
        return book._with(named=len(cards))

    def without_observed(self) -> Self:
        """The same cards, in a book that says what it lacks."""
        return self._with(observed_missing=True, held=self.held)

    def with_held(self, claims: Iterable[HeldClaim]) -> Self:
        """The same cards, with what their sources claim beside them."""
        return self._with(observed_missing=self.observed_missing, held=claims)

    def _with(self, **said: Any) -> Self:
        return type(self)(
            tinker=self.tinker.cards,
            serverless=self.serverless.cards,
            gpus=self.gpus.cards,
            conflicts=self.conflicts,
            **said,
        )

    def __iter__(self) -> Iterator[AnyCard]:
        yield from self.tinker.cards
        yield from self.serverless.cards
        yield from self.gpus.cards


def _open_ended(card: AnyCard) -> AnyCard:
    """A card as it was before another replaced it."""
    if card.ended is not Ended.REPLACED:
        return card
    return card.model_copy(update={"effective_to": None, "ended": None})


def load_book(catalogue: Catalogue, directory: Path = DATA) -> RateBook:
    """Read the three card files of a directory, and what is known of conflicts.

    Raises RateFileError, naming file and card, for an unknown key, model, window or GPU type, a rate
    that is negative or no number, two cards for one day, and a card that ends before it starts or was
    replaced by none.
    """
    windows = {model.key: {v.window_tokens for v in model.tinker} for model in catalogue}
    tinker = _read(directory / "tinker.toml", TinkerCard, windows)
    serverless = _read(directory / "fireworks_serverless.toml", ServerlessCard, windows)
    gpus = _read(directory / "fireworks_dedicated.toml", GpuCard, windows)
    conflicts = read_entries(
        directory / "conflicts.toml", "conflict", Conflict, name=lambda raw: str(raw.get("subject"))
    )
    return RateBook(tinker=tinker, serverless=serverless, gpus=gpus, conflicts=conflicts)


def _read(file: Path, kind: type[Card], windows: Mapping[str, set[int]]) -> tuple[Card, ...]:
    cards = read_entries(file, "card", kind, name=_raw_name)
    of_key: dict[CardKey, list[Card]] = {}
    for card in cards:
        of_key.setdefault(card.key, []).append(card)
    for number, card in enumerate(cards, start=1):
        same = of_key[card.key]
        fault = _unknown_item(card, windows) or _clash(card, same) or _orphan(card, same)
        if fault:
            raise RateFileError(f"{entry_place(file, 'card', number, _name(card))}: {fault}")
    return cards


def _unknown_item(card: RateCard, windows: Mapping[str, set[int]]) -> str | None:
    if not isinstance(card, TokenCard):
        return None
    if card.model not in windows:
        return f"models.toml has no model `{card.model}`"
    if isinstance(card, TinkerCard) and card.window_tokens not in windows[card.model]:
        return f"models.toml gives `{card.model}` no window of {card.window_tokens} tokens"
    return None


def _clash(card: RateCard, same_key: Sequence[RateCard]) -> str | None:
    """A day that an earlier card of the same key claims as well."""
    for other in same_key:
        if other is card:
            return None
        day = max(card.effective_from, other.effective_from)
        if card.holds_on(day) and other.holds_on(day):
            return f"the card from {other.effective_from} holds on {day} too"
    return None


def _orphan(card: RateCard, same_key: Sequence[RateCard]) -> str | None:
    """A card that says it was replaced, and no later one of its key."""
    if card.ended is not Ended.REPLACED:
        return None
    later = any(other.effective_from > card.effective_from for other in same_key)
    return None if later else "it is `replaced`, but no later card follows"


def _raw_name(raw: Mapping[str, Any]) -> str:
    """Names a card before it is known to be one."""
    window = raw.get("window_tokens")
    pieces = [
        raw.get("gpu_type") or raw.get("model") or "no model",
        window_name(window) if isinstance(window, int) else raw.get("path", ""),
        f"from {raw.get('effective_from', 'no day')}",
    ]
    return " ".join(str(piece) for piece in pieces if piece)


def _name(card: RateCard) -> str:
    return _raw_name(card.model_dump())
