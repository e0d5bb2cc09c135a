"""How each figure of an estimate comes about: formula, numbers put in, result, and the rate card behind it."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from bot.answers import Answer, ModelAnswer
from bot.formatting.estimate_view import path_label, status_words
from bot.formatting.figures import money, number, price
from bot.formatting.layout import Line, Section, Sourced, View
from bot.formatting.wording import model_name, plural
from engine.costs import DedicatedEstimate, TokenEstimate
from engine.exact import exact
from engine.workload import TokenCounts, Workload, count_tokens
from pricing.cards import RateCard

_CENT, _THOUSANDTH = Decimal("0.01"), Decimal("0.001")

_TOKEN_KINDS = ("uncached", "cached", "decoded")


def math_view(answer: Answer) -> View:
    """The working of an estimate, a section for the tokens and one for each path with an amount."""
    if answer.workload is None or answer.tokens is None:
        return View(summary="There is nothing to work out: no path was priced.")
    entry = answer.models[0]
    summary = f"{model_name(entry.model.label)} · rates of {answer.as_of}"
    tokens = Section(
        title="Tokens of an episode", lines=tuple(_token_lines(answer.workload, answer.tokens))
    )
    return View(summary=summary, sections=(tokens, *_paths(entry, answer.workload)))


def _token_lines(workload: Workload, tokens: TokenCounts) -> Iterator[Line]:
    """T turns, P₁ the first prompt, Δ added and G decoded per turn (docs/formulas.md)."""
    shape = workload.shape
    turns, first, added = shape.turns, shape.initial_prompt_tokens, shape.tokens_added_per_turn
    last = tokens.uncached_prompt_tokens
    yield f"Last prompt P₁ + (T−1)·Δ = {first:,} + {turns - 1:,} × {added:,} = {last:,}"
    pairs = turns * (turns - 1) // 2
    yield (
        f"All prompts T·P₁ + Δ·T·(T−1)/2 = {turns:,} × {first:,} + {added:,} × {pairs:,} "
        f"= {tokens.prompt_tokens:,}"
    )
    yield (
        f"Cached: all but the last prompt = {tokens.prompt_tokens:,} − {last:,} "
        f"= {tokens.cached_prompt_tokens:,}"
    )
    decode = shape.decode_tokens_per_turn
    yield f"Decoded T·G = {turns:,} × {decode:,} = {tokens.decode_tokens:,}"


def _paths(entry: ModelAnswer, workload: Workload) -> Iterator[Section]:
    for quote in entry.quotes:
        estimate = quote.priced.estimate
        if estimate is None or quote.card is None:
            continue
        lines: tuple[Line, ...]
        if isinstance(estimate, TokenEstimate):
            lines = tuple(_token_bill(estimate, workload))
        else:
            lines = tuple(_cluster_bill(estimate))
        title = f"{path_label(quote)} · {status_words(quote)}"
        yield Section(title=title, lines=(*lines, _card(quote.card)))


def _token_bill(estimate: TokenEstimate, workload: Workload) -> Iterator[Line]:
    kinds = _TOKEN_KINDS if len(estimate.lines) == 3 else ("prompt", "decoded")
    terms = " + ".join(
        f"{line.tokens:,} {kind} × {price(line.usd_per_mtok)}"
        for kind, line in zip(kinds, estimate.lines, strict=True)
    )
    each = price(estimate.usd_per_episode)  # exact: rates have few places
    yield f"({terms}) ÷ 1,000,000 = {each} an episode"
    episodes = plural(workload.episodes, "episode")
    yield f"{each} × {episodes} = {price(estimate.usd)}"


def _cluster_bill(estimate: DedicatedEstimate) -> Iterator[Line]:
    tokens, episodes = count_tokens(estimate.workload.shape), estimate.workload.episodes
    cluster = estimate.deployment
    yield (
        f"Prefill {tokens.uncached_prompt_tokens:,} × {episodes:,} ÷ {number(cluster.prompt_tps)} tok/s "
        f"= {_hours(estimate.prefill_hours)}"
    )
    yield (
        f"Decode {tokens.decode_tokens:,} × {episodes:,} ÷ {number(cluster.decode_tps)} tok/s "
        f"= {_hours(estimate.decode_hours)}"
    )
    rent = f"{plural(cluster.gpus, 'GPU')} × {price(cluster.usd_per_gpu_hour)}"
    longer, both = _hours(estimate.cluster_hours), _hours(estimate.cluster_hours_high)
    yield f"Overlapping, the longer phase: {longer} × {rent} = {_cents(estimate.usd)}"
    if estimate.usd_high > estimate.usd_low:
        yield f"Taking turns, their sum: {both} × {rent} = {_cents(estimate.usd_high)}"


def _card(card: RateCard) -> Sourced:
    """Where the rates are from."""
    until = f" to {card.effective_to}" if card.effective_to else " on"
    held = f"Rates from {card.effective_from}{until}, checked {card.verified_on}"
    return Sourced(held, card.source_url)


def _cents(usd: Decimal) -> str:
    """Dollars to the cent; smaller sums as they read elsewhere."""
    if 0 < usd < _CENT:
        return money(usd)
    with exact():
        return price(usd.quantize(_CENT, ROUND_HALF_UP))


def _hours(hours: Decimal) -> str:
    """Hours to a thousandth, so that who multiplies them gets the cents."""
    with exact():
        return f"{number(hours.quantize(_THOUSANDTH, ROUND_HALF_UP))} hours"
