"""The working of an estimate in a window: each figure as one gets it by hand, on the steps of bot/steps.py."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from bot.answers import Answer, ModelAnswer
from bot.formatting.estimate_view import path_label, status_words
from bot.formatting.figures import money, number, price
from bot.formatting.layout import Line, Section, Sourced, View
from bot.formatting.wording import model_name, plural
from bot.formatting.working_view import formula_words
from bot.steps import Name, PathWorking
from bot.working import working_of
from engine.costs import SECONDS_PER_HOUR, DedicatedEstimate, TokenEstimate
from engine.exact import exact
from engine.workload import Workload, count_tokens
from pricing.cards import RateCard

_CENT, _THOUSANDTH = Decimal("0.01"), Decimal("0.001")

_TOKEN_KINDS = ("uncached", "cached", "decoded")


def math_view(answer: Answer) -> View:
    """The working of the first model, a section for the tokens and one for each path with an amount."""
    if answer.workload is None or not answer.models:
        return View(summary="There is nothing to work out: no path was priced.")
    entry = answer.models[0]
    tokens, *paths = working_of(entry, answer.workload, ())
    summary = f"{model_name(entry.model.label)} · rates of {answer.as_of}"
    counted = Section(title="Tokens of an episode", lines=tuple(_token_lines(tokens)))
    worked = tuple(_path(entry, working, answer.workload) for working in paths)
    return View(summary=summary, sections=(counted, *worked))


_COUNTED = (Name.LAST_PROMPT, Name.PROMPTS, Name.CACHED, Name.DECODED)


def _token_lines(tokens: PathWorking) -> Iterator[Line]:
    """T turns, P₁ the first prompt, Δ added and G decoded per turn (docs/formulas.md)."""
    for step in tokens.steps:
        if step.name in _COUNTED:
            label = step.name[0].upper() + step.name[1:]
            yield f"{label}: {formula_words(step)} = {step.numbers} = {number(step.value)}"


def _path(entry: ModelAnswer, working: PathWorking, workload: Workload) -> Section:
    quote = next(quote for quote in entry.quotes if quote.path is working.path)
    estimate = quote.priced.estimate
    lines: list[Line] = []
    if isinstance(estimate, TokenEstimate):
        lines += _token_bill(working, estimate, workload)
    elif isinstance(estimate, DedicatedEstimate):
        lines += _cluster_bill(working, estimate)
    if quote.card:
        lines.append(_card(quote.card))
    return Section(title=f"{path_label(quote)} · {status_words(quote)}", lines=tuple(lines))


def _token_bill(
    working: PathWorking, estimate: TokenEstimate, workload: Workload
) -> Iterator[Line]:
    kinds = _TOKEN_KINDS if len(estimate.lines) == 3 else ("prompt", "decoded")
    terms = " + ".join(
        f"{line.tokens:,} {kind} × {price(line.usd_per_mtok)}"
        for kind, line in zip(kinds, estimate.lines, strict=True)
    )
    each = price(working.value(Name.EPISODE))  # exact: rates have few places
    yield f"({terms}) ÷ 1,000,000 = {each} an episode"
    episodes = plural(workload.episodes, "episode")
    yield f"{each} × {episodes} = {price(working.value(Name.RUN))}"


def _cluster_bill(working: PathWorking, estimate: DedicatedEstimate) -> Iterator[Line]:
    tokens, episodes = count_tokens(estimate.workload.shape), estimate.workload.episodes
    cluster = estimate.deployment
    prefill, decode = working.value(Name.PREFILL), working.value(Name.DECODE)
    yield (
        f"Prefill {tokens.uncached_prompt_tokens:,} × {episodes:,} ÷ {number(cluster.prompt_tps)} tok/s "
        f"= {_hours(prefill)}"
    )
    yield (
        f"Decode {tokens.decode_tokens:,} × {episodes:,} ÷ {number(cluster.decode_tps)} tok/s "
        f"= {_hours(decode)}"
    )
    rent = f"{plural(cluster.gpus, 'GPU')} × {price(cluster.usd_per_gpu_hour)}"
    low, high = working.value(Name.OVERLAPPING), working.value(Name.IN_TURN)
    yield f"Overlapping, the longer phase: {_hours(max(prefill, decode))} × {rent} = {_cents(low)}"
    if high > low:
        yield f"Taking turns, their sum: {_hours(prefill + decode)} × {rent} = {_cents(high)}"


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


def _hours(seconds: Decimal) -> str:
    """Hours to a thousandth, so that who multiplies them gets the cents."""
    with exact():
        hours = seconds / SECONDS_PER_HOUR
        return f"{number(hours.quantize(_THOUSANDTH, ROUND_HALF_UP))} hours"
