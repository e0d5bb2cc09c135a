"""One request, answered: Request + rate book + today -> Answer. No I/O, no wording."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.listing import ListedCard, list_cards
from bot.requests.request import Field, Intent, Request, Value, has_several
from bot.suggestions import suggestion
from bot.verdicts import Helped, Judged, Listed, NotAnsweredYet, Refused, Silent, Verdict, judge
from engine.caveats import (
    BillingPath,
    Caveat,
    ClusterTooSmall,
    DecodeExceedsAdded,
    DefaultsUsed,
    FixedThroughput,
    NotAQuote,
    ObservedRatesMissing,
    ServerlessBaseModelOnly,
    TrainingExcluded,
)
from engine.costs import DedicatedEstimate, Unpriced, formula_caveats
from engine.parity import AtParLimits, at_par
from engine.workload import EpisodeShape, TokenCounts, Workload, count_tokens
from pricing.cards import GpuCard, RateBook
from pricing.catalogue import Catalogue, GpuType, Model
from pricing.clusters import ClusterRequest, cluster_caveats
from pricing.doubts import not_offered, rate_doubts, window_doubts
from pricing.quotes import SERVERLESS_PATHS, Quote, quote_model

if TYPE_CHECKING:
    from bot.moved import PublishedAnswer

SHAPE_DEFAULTS: Mapping[Field, int] = {
    Field.TURNS: 8,
    Field.EPISODES: 1000,
    Field.INITIAL_PROMPT_TOKENS: 8000,
    Field.TOKENS_ADDED_PER_TURN: 12_000,
    Field.DECODE_TOKENS_PER_TURN: 2000,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """The five paths of one model, what is cheapest of them, and where dedicated and Tinker are at par."""

    model: Model
    quotes: tuple[Quote, ...]
    cheapest: BillingPath | None
    at_par: AtParLimits | None

    def quote(self, path: BillingPath) -> Quote:
        return next(quote for quote in self.quotes if quote.path is path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What every rendering renders. `workload` is None where nothing was priced.

    `published` answers `--published` and is None where that page had no figures for the request.
    """

    request: Request
    as_of: date
    today: date
    verdict: Verdict
    workload: Workload | None = None
    defaults: tuple[Field, ...] = ()
    models: tuple[ModelAnswer, ...] = ()
    cards: tuple[ListedCard, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    published: "PublishedAnswer | None" = None

    @property
    def tokens(self) -> TokenCounts | None:
        return count_tokens(self.workload.shape) if self.workload else None


def answer(
    request: Request, *, book: RateBook, catalogue: Catalogue, today: date, published: bool = False
) -> Answer:
    """Answer a request with the cards of its day. A request with a problem gets the problem, never a price."""
    as_of = _day(request.fields, today)
    if request.problems:
        example = catalogue.models[0].key
        refused = Refused(
            problems=request.problems,
            suggestion=suggestion(request, example_model=example),
            example_model=example,
        )
        return Answer(request=request, as_of=as_of, today=today, verdict=refused)
    asked = _asked(request)
    if asked is Intent.ESTIMATE:
        model = catalogue.get(request.models[0])
        return _estimate(request, model, book=book, as_of=as_of, today=today, published=published)
    if asked is Intent.RATES:
        return _rates(request, book=book, catalogue=catalogue, as_of=as_of, today=today)
    wordless: dict[Intent, Verdict] = {Intent.HELP: Helped(), Intent.NONE: Silent()}
    verdict = wordless.get(asked, NotAnsweredYet(intent=asked))
    return Answer(request=request, as_of=as_of, today=today, verdict=verdict)


def _asked(request: Request) -> Intent:
    """What is asked; an estimate of several models or values describes no single run."""
    if request.intent is not Intent.ESTIMATE:
        return request.intent
    if len(request.models) > 1:
        return Intent.COMPARE
    return Intent.SWEEP if has_several(request.fields) else Intent.ESTIMATE


def _estimate(
    request: Request,
    model: Model,
    *,
    book: RateBook,
    as_of: date,
    today: date,
    published: bool,
) -> Answer:
    workload, shape_defaults = _workload(request.fields)
    said = _cluster(request.fields)
    quotes = quote_model(model, workload, cluster=said, book=book, on=as_of)
    verdict = _judged(request.fields, quotes)
    cheapest = verdict.best.path if verdict.best else None
    entry = ModelAnswer(model=model, quotes=quotes, cheapest=cheapest, at_par=_at_par(quotes))
    defaults = _defaults(request.fields, shape_defaults, entry)
    doubts = rate_doubts(quotes, book=book, on=as_of, today=today)
    return Answer(
        request=request,
        as_of=as_of,
        today=today,
        verdict=verdict,
        workload=workload,
        defaults=defaults,
        models=(entry,),
        caveats=(*_caveats(entry, workload), *doubts, *_closing(entry, defaults)),
        published=_published(model, workload, said, quotes) if published else None,
    )


def _judged(fields: Mapping[Field, Value], quotes: tuple[Quote, ...]) -> Judged:
    return judge(
        quotes,
        budget_usd=_number(fields, Field.BUDGET_USD),
        deadline_hours=_number(fields, Field.DEADLINE_HOURS),
    )


def _workload(fields: Mapping[Field, Value]) -> tuple[Workload, frozenset[Field]]:
    """The run that a request describes, and which fields of it are defaults.

    Of Δ, decode and tool result two give the third; with the tool result alone, Δ is that plus the
    default decode.
    """
    said = {
        field: value for field in SHAPE_DEFAULTS if (value := _whole(fields, field)) is not None
    }
    tool = _whole(fields, Field.TOOL_RESULT_TOKENS_PER_TURN)
    added, decode = Field.TOKENS_ADDED_PER_TURN, Field.DECODE_TOKENS_PER_TURN
    if tool is not None and added in said and decode not in said:
        said[decode] = said[added] - tool
    defaults = SHAPE_DEFAULTS.keys() - said.keys()
    if tool is not None and added not in said:
        said[added] = said.get(decode, SHAPE_DEFAULTS[decode]) + tool
        defaults -= {added}
    values = {**SHAPE_DEFAULTS, **said}
    shape = EpisodeShape(
        turns=values[Field.TURNS],
        initial_prompt_tokens=values[Field.INITIAL_PROMPT_TOKENS],
        tokens_added_per_turn=values[added],
        decode_tokens_per_turn=values[decode],
    )
    return Workload(shape=shape, episodes=values[Field.EPISODES]), frozenset(defaults)


def _cluster(fields: Mapping[Field, Value]) -> ClusterRequest:
    return ClusterRequest(
        gpus=_whole(fields, Field.GPUS),
        gpu_type=_gpu_type(fields),
        prompt_tps=_number(fields, Field.PROMPT_TPS),
        decode_tps=_number(fields, Field.DECODE_TPS),
    )


def _at_par(quotes: tuple[Quote, ...]) -> AtParLimits | None:
    """Dedicated against Tinker, where both have an amount."""
    amounts = {quote.path: quote.priced.estimate for quote in quotes}
    tinker, cluster = amounts.get(BillingPath.TINKER), amounts.get(BillingPath.DEDICATED)
    if tinker is None or not isinstance(cluster, DedicatedEstimate):
        return None
    return at_par(tinker.usd, cluster)


def _defaults(
    fields: Mapping[Field, Value], shape_defaults: frozenset[Field], entry: ModelAnswer
) -> tuple[Field, ...]:
    """Every field that the request left open and something else filled, in the order of the fields."""
    plan = entry.quote(BillingPath.DEDICATED).cluster
    filled = {*shape_defaults, *(plan.defaults if plan else ())}
    if Field.AS_OF not in fields:
        filled.add(Field.AS_OF)
    return tuple(field for field in Field if field in filled)


def _caveats(entry: ModelAnswer, workload: Workload) -> tuple[Caveat, ...]:
    """What the amounts leave out, first what could turn the verdict."""
    tokens = count_tokens(workload.shape)
    overlap_and_cache = formula_caveats(tokens, [quote.priced for quote in entry.quotes])
    shape = workload.shape
    cluster = entry.quote(BillingPath.DEDICATED)
    about_cluster: tuple[Caveat, ...] = ()
    if cluster.cluster and not isinstance(cluster.priced, Unpriced):
        about_cluster = tuple(cluster_caveats(entry.model, cluster.cluster))
    # A cluster that cannot hold the model makes every figure of it idle.
    too_small = [caveat for caveat in about_cluster if isinstance(caveat, ClusterTooSmall)]
    caveats: list[Caveat] = [*too_small, *not_offered(entry.quotes), *overlap_and_cache]
    caveats += [caveat for caveat in about_cluster if caveat not in too_small]
    if shape.decode_tokens_per_turn > shape.tokens_added_per_turn and shape.turns > 1:
        caveats.append(
            DecodeExceedsAdded(
                decode_tokens_per_turn=shape.decode_tokens_per_turn,
                tokens_added_per_turn=shape.tokens_added_per_turn,
            )
        )
    caveats += window_doubts(entry.quotes, peak_context_tokens=tokens.peak_context_tokens)
    return tuple(caveats)


def _closing(entry: ModelAnswer, defaults: tuple[Field, ...]) -> tuple[Caveat, ...]:
    """What stands beside every amount of its kind, and the defaults."""
    priced = [quote for quote in entry.quotes if not isinstance(quote.priced, Unpriced)]
    serverless = tuple(quote.path for quote in priced if quote.path in SERVERLESS_PATHS)
    caveats: list[Caveat] = []
    cluster = entry.quote(BillingPath.DEDICATED).cluster
    if (
        entry.at_par
        and entry.at_par.max_gpus
        and cluster
        and cluster.prompt_tps
        and cluster.decode_tps
    ):
        caveats.append(
            FixedThroughput(prompt_tps=cluster.prompt_tps, decode_tps=cluster.decode_tps)
        )
    if serverless:
        caveats.append(ServerlessBaseModelOnly(paths=serverless))
    if priced:
        caveats.append(TrainingExcluded())
    if defaults:
        caveats.append(DefaultsUsed(fields=defaults))
    if priced:
        caveats.append(NotAQuote())
    return tuple(caveats)


def _published(
    model: Model, workload: Workload, said: ClusterRequest, quotes: tuple[Quote, ...]
) -> "PublishedAnswer | None":
    from bot.moved import published_answer  # few ask for it
    from engine.published import PUBLISHED_MODELS

    page = PUBLISHED_MODELS.get(model.key)
    return published_answer(page, workload, said=said, quotes=quotes) if page else None


def _rates(
    request: Request, *, book: RateBook, catalogue: Catalogue, as_of: date, today: date
) -> Answer:
    cards = list_cards(
        book,
        models=[catalogue.get(key) for key in request.models],
        gpu_type=_gpu_type(request.fields),
        paths=request.paths,
        on=as_of,
    )
    in_force = [listed.card for listed in cards if listed.in_force]
    own = [card for card in in_force if not (request.models and isinstance(card, GpuCard))]
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
        caveats=(ObservedRatesMissing(),) if book.observed_missing else (),
    )


def _day(fields: Mapping[Field, Value], today: date) -> date:
    day = fields.get(Field.AS_OF)
    return day if isinstance(day, date) else today


def _gpu_type(fields: Mapping[Field, Value]) -> GpuType | None:
    gpu_type = fields.get(Field.GPU_TYPE)
    return GpuType(gpu_type) if isinstance(gpu_type, str) else None


def _whole(fields: Mapping[Field, Value], field: Field) -> int | None:
    value = fields.get(field)
    return value if isinstance(value, int) else None


def _number(fields: Mapping[Field, Value], field: Field) -> Decimal | None:
    value = fields.get(field)
    return Decimal(value) if isinstance(value, int | Decimal) else None
