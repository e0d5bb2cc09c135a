"""One request, answered: Request + rate book + today -> Answer. No I/O, no wording.

What is asked decides which module answers: estimates.py, comparisons.py, sweeps.py, limits.py, solving/, working.py.
Each is imported when it is asked for, since most questions are estimates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, assert_never

from bot.judged import Judged
from bot.listing import ListedCard, list_cards
from bot.presets import preset_fields_of, preset_of
from bot.requests.fields import nearest
from bot.requests.request import Field, Intent, Request, Value, has_several
from bot.suggestions import suggestion
from bot.verdicts import DigestsInSlack, Explained, Helped, Listed, Refused, Silent, Swept, Verdict
from engine.caveats import BillingPath, Caveat
from engine.parity import AtParLimits
from engine.workload import TokenCounts, Workload, count_tokens
from pricing.cards import AnyCard, GpuCard, HeldClaim, RateBook
from pricing.catalogue import Catalogue, GpuType, Model
from pricing.doubts import book_doubts
from pricing.quotes import Quote
from pricing.shapes import Shape

if TYPE_CHECKING:
    from bot.limits import LimitsAgainst
    from bot.moved import PublishedAnswer
    from bot.solving.solution import Solution
    from bot.steps import PathWorking
    from bot.sweeps import SweepPoint

SHAPE_DEFAULTS: Mapping[Field, int] = {
    Field.TURNS: 8,
    Field.EPISODES: 1000,
    Field.INITIAL_PROMPT_TOKENS: 8000,
    Field.TOKENS_ADDED_PER_TURN: 12_000,
    Field.DECODE_TOKENS_PER_TURN: 2000,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """The five paths of one model, what is cheapest of them, and where dedicated and Tinker are at par.

    A sweep adds its points, and limits, a solve and an explanation add theirs; the paths are then those of the run as
    far as it is said, a sweep's those of its first point.
    """

    model: Model
    quotes: tuple[Quote, ...]
    cheapest: BillingPath | None
    at_par: AtParLimits | None
    points: "tuple[SweepPoint, ...]" = ()
    limits: "tuple[LimitsAgainst, ...]" = ()
    solutions: "tuple[Solution, ...]" = ()
    working: "tuple[PathWorking, ...]" = ()

    @property
    def solved_quotes(self) -> tuple[Quote, ...]:
        """What the solutions rest on, each card of a path once, in the order of the paths."""
        order = [*BillingPath]
        own: dict[object, Quote] = {}
        for solution in self.solutions:
            for quote in solution.quotes:
                own.setdefault((quote.path, quote.card and quote.card.id), quote)
        return tuple(sorted(own.values(), key=lambda quote: order.index(quote.path)))

    def quote(self, path: BillingPath) -> Quote:
        return next(quote for quote in self.quotes if quote.path is path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What every rendering renders. `workload` is None where nothing was priced.

    `held` are the claims that stand beside listed cards. `published` answers `--published` and is None where that page had
    no figures for the request. `instead` is a request that works where nothing asked about can be bought.
    """

    request: Request
    as_of: date
    today: date
    verdict: Verdict
    workload: Workload | None = None
    defaults: tuple[Field, ...] = ()
    models: tuple[ModelAnswer, ...] = ()
    cards: tuple[ListedCard, ...] = ()
    shapes: tuple[Shape, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    held: tuple[HeldClaim, ...] = ()
    published: "PublishedAnswer | None" = None
    instead: Request | None = None

    @property
    def preset(self) -> Shape | None:
        """The preset that fills what the request leaves open."""
        return preset_of(self.request)

    @property
    def preset_fields(self) -> tuple[Field, ...]:
        """The fields whose value is the preset's."""
        return preset_fields_of(self.request.fields, self.preset)

    @property
    def tokens(self) -> TokenCounts | None:
        return count_tokens(self.workload.shape) if self.workload else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What every question is answered from: the cards and models, the preset that fills what is not said, the day
    that is priced, and today."""

    book: RateBook
    catalogue: Catalogue
    as_of: date
    today: date
    preset: Shape | None = None


def answer(
    request: Request, *, book: RateBook, catalogue: Catalogue, today: date, published: bool = False
) -> Answer:
    """Answer a request with the cards of its day. A request with a problem gets the problem, never a price."""
    request = _of_stated_run(request)
    as_of = _day(request.fields, today)
    if request.problems:
        refused = _refused(request, example_model=catalogue.models[0].key)
        return Answer(request=request, as_of=as_of, today=today, verdict=refused)
    asking = Asking(
        book=book, catalogue=catalogue, as_of=as_of, today=today, preset=preset_of(request)
    )
    answered = _answered(_asked(request), request, asking, published=published)
    return answered if answered.instead else replace(answered, instead=_instead(answered, asking))


def _refused(request: Request, *, example_model: str) -> Refused:
    from bot.instead import without_unread  # most texts are read

    mended = suggestion(_with_defaults(request), example_model=example_model)
    return Refused(
        problems=request.problems,
        suggestion=mended,
        without=without_unread(request) if mended is None else None,
        example_model=example_model,
    )


def _with_defaults(request: Request) -> Request:
    """*Double the turns* of a run that says none: of the default."""
    problems = [
        replace(problem, near=nearest(problem.field, default * problem.times))
        if problem.times and problem.field and (default := SHAPE_DEFAULTS.get(problem.field))
        else problem
        for problem in request.problems
    ]
    return replace(request, problems=tuple(problems))


def _answered(asked: Intent, request: Request, asking: Asking, *, published: bool) -> Answer:
    match asked:
        case Intent.ESTIMATE:
            from bot.estimates import estimated

            return estimated(request, asking, published=published)
        case Intent.COMPARE:
            from bot.comparisons import compared

            return compared(request, asking)
        case Intent.SWEEP:
            from bot.sweeps import swept

            return swept(request, asking)
        case Intent.LIMITS:
            from bot.limits import limited

            return limited(request, asking)
        case Intent.SOLVE:
            from bot.solving import solved

            return solved(request, asking)
        case Intent.EXPLAIN:
            from bot.working import explained

            return explained(request, asking)
        case Intent.RATES:
            return _rates(request, asking)
        case Intent.SHAPES:
            from bot.shapes import shapes_listed

            return shapes_listed(request, asking)
        case Intent.HELP | Intent.NONE | Intent.DIGEST:
            wordless: dict[Intent, Verdict] = {
                Intent.HELP: Helped(),
                Intent.NONE: Silent(),
                Intent.DIGEST: DigestsInSlack(),
            }
            verdict = wordless[asked]
            return Answer(request=request, as_of=asking.as_of, today=asking.today, verdict=verdict)
        case _:
            assert_never(asked)


def _instead(answered: Answer, asking: Asking) -> Request | None:
    """What to ask where no model can be bought at any point; a comparison, limits and a solve know it themselves."""
    if not isinstance(answered.verdict, Judged | Swept | Explained) or any(
        entry.cheapest or any(point.cheapest for point in entry.points) for entry in answered.models
    ):
        return None
    from bot.comparisons import ranks_any  # most questions are about what can be bought
    from bot.instead import nearest_on_sale

    return nearest_on_sale(
        answered.request,
        [quote for entry in answered.models for quote in entry.quotes],
        partial(ranks_any, asking=asking),
        as_of=asking.as_of,
        today=asking.today,
    )


def _of_stated_run(request: Request) -> Request:
    """Where a follow-up says what a solve asks for, the run with that value is what to price."""
    if request.solve_for is None or request.stated is None:
        return request
    fields = {**request.fields, request.solve_for: request.stated}
    return replace(request, intent=Intent.ESTIMATE, fields=fields, solve_for=None, stated=None)


def _asked(request: Request) -> Intent:
    """What is asked; an estimate of several models or values describes no single run."""
    if request.intent is not Intent.ESTIMATE:
        return request.intent
    if len(request.models) > 1:
        return Intent.COMPARE
    return Intent.SWEEP if has_several(request.fields) else Intent.ESTIMATE


def _rates(request: Request, asking: Asking) -> Answer:
    book, as_of, today = asking.book, asking.as_of, asking.today
    cards = _cards(request, asking)
    in_force = [listed.card for listed in cards if listed.in_force]
    own = _own_in_force(request, cards)
    verdict = Listed(
        in_force=len(own),
        on=as_of,
        least_recently_verified=min((card.verified_on for card in in_force), default=None),
    )
    return Answer(
        request=request,
        as_of=as_of,
        today=today,
        verdict=verdict,
        cards=cards,
        caveats=book_doubts(book),
        held=tuple(claim for claim in book.held if claim.key in {card.key for card in in_force}),
        instead=None if own else _rates_instead(request, asking),
    )


def _cards(request: Request, asking: Asking) -> tuple[ListedCard, ...]:
    return list_cards(
        asking.book,
        models=[asking.catalogue.get(key) for key in request.models],
        gpu_type=gpu_type_of(request.fields),
        paths=request.paths,
        on=asking.as_of,
    )


def _own_in_force(request: Request, cards: tuple[ListedCard, ...]) -> list[AnyCard]:
    """The cards in force of what is named; GPU-hours that are not asked for, and that a model brings, are not its own."""
    in_force = [listed.card for listed in cards if listed.in_force]
    asked = BillingPath.DEDICATED in request.paths or Field.GPU_TYPE in request.fields
    return [c for c in in_force if asked or not (request.models and isinstance(c, GpuCard))]


def _rates_instead(request: Request, asking: Asking) -> Request | None:
    """The nearest question for rates that has some: the first later day that has, other paths and GPUs, or all."""
    days = {card.effective_from for card in asking.book if card.effective_from > asking.as_of}
    run = {Field.AS_OF: asking.as_of} if Field.AS_OF in request.fields else {}
    later = [replace(request, fields={**request.fields, Field.AS_OF: day}) for day in sorted(days)]
    anywhere = replace(request, paths=(), fields=run)
    for nearby in (*later, anywhere, Request(intent=Intent.RATES, fields={})):
        on_its_day = replace(asking, as_of=_day(nearby.fields, asking.today))
        if _own_in_force(nearby, _cards(nearby, on_its_day)):
            return nearby
    return None


def _day(fields: Mapping[Field, Value], today: date) -> date:
    day = fields.get(Field.AS_OF)
    return day if isinstance(day, date) else today


def gpu_type_of(fields: Mapping[Field, Value]) -> GpuType | None:
    """The GPU type that some fields name."""
    gpu_type = fields.get(Field.GPU_TYPE)
    return GpuType(gpu_type) if isinstance(gpu_type, str) else None
