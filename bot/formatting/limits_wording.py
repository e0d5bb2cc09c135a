"""The verdict on at-par limits: how dedicated stands to the other paths, and what moves it to par."""

from decimal import Decimal

from bot.answers import Answer, ModelAnswer
from bot.formatting.estimate_view import path_label
from bot.formatting.figures import against, money, times
from bot.formatting.judged_wording import allowed_texts
from bot.formatting.model_notes import cannot_hold
from bot.formatting.unanswered_wording import unanswered_text
from bot.formatting.wording import PATH_NAMES, listed, model_name, plural
from bot.limits import LimitsAgainst
from bot.verdicts import Limited
from engine.caveats import BillingPath
from engine.costs import DedicatedEstimate, Offered
from engine.parity import AtParLimits

LIMIT_NAMES = {"gpus": "GPUs", "prompt_tps": "prompt tok/s", "decode_tps": "decode tok/s"}


def limits_text(answer: Answer) -> str:
    """The verdict in a few sentences with the numbers."""
    verdict = answer.verdict
    if not isinstance(verdict, Limited):
        return ""
    sentences: list[str] = []
    for entry, judged in zip(answer.models, verdict.runs, strict=True):
        if entry.limits:
            prefix = f"{model_name(entry.model.label)}: " if len(answer.models) > 1 else ""
            idle = [*cannot_hold(answer, entry)]
            others = judged.without(BillingPath.DEDICATED) if idle else judged
            sentences += [*idle, prefix + _entry_text(answer, entry)]
            sentences += allowed_texts(others, idle=bool(idle))
    sentences += [unanswered_text(u, answer, asked="Limits") for u in verdict.unanswered]
    return " ".join(sentences)


def _entry_text(answer: Answer, entry: ModelAnswer) -> str:
    """Dedicated's amount and how it stands to each path that matters, with its limits against the first of them."""
    first, *others = _telling(answer, entry)
    dedicated_usd = usd_on(entry, BillingPath.DEDICATED)
    if first.limits.headroom is None:
        return "Dedicated costs nothing here, so nothing limits it."
    mark = "" if isinstance(entry.quote(BillingPath.DEDICATED).priced, Offered) else ", notional"
    verb, how = _stands(entry, first)
    sentences = [
        f"Dedicated ({money(dedicated_usd)}{mark}) {verb} {how}.",
        _limits_sentence(first.limits),
    ]
    stands: dict[str, list[str]] = {}
    for verb, how in (_stands(entry, found) for found in others):
        stands.setdefault(verb, []).append(how)
    sentences += [f"It {verb} {listed(hows)}." for verb, hows in stands.items()]
    sentences += [f"{PATH_NAMES[path]} has no amount here." for path in _lacking(answer, entry)]
    return " ".join(sentences)


def _lacking(answer: Answer, entry: ModelAnswer) -> list[BillingPath]:
    """The paths that were named and have no amount."""
    named = [quote for quote in entry.quotes if quote.path in answer.request.paths]
    return [quote.path for quote in named if not quote.priced.estimate]


def _telling(answer: Answer, entry: ModelAnswer) -> list[LimitsAgainst]:
    """The paths that were named; otherwise those that can be bought, the cheapest first, and the cheapest notional one
    behind them; where none can be bought, Tinker before it."""
    named = [found for found in entry.limits if found.against in answer.request.paths]
    if named:
        return sorted(named, key=lambda found: answer.request.paths.index(found.against))
    cheapest = sorted(entry.limits, key=lambda found: usd_on(entry, found.against))
    offered = [found for found in cheapest if _is_offered(entry, found)]
    notional = [found for found in cheapest if found not in offered]
    tinker = [found for found in notional if found.against is BillingPath.TINKER]
    leading = offered or tinker
    return [*leading, *[found for found in notional[:1] if found not in leading]]


def _is_offered(entry: ModelAnswer, found: LimitsAgainst) -> bool:
    return isinstance(entry.quote(found.against).priced, Offered)


def usd_on(entry: ModelAnswer, path: BillingPath) -> Decimal:
    estimate = entry.quote(path).priced.estimate
    return estimate.usd if estimate else Decimal(0)


def _stands(entry: ModelAnswer, found: LimitsAgainst) -> tuple[str, str]:
    """`is` and `4.5× cheaper than Tinker 128K ($3,998, notional)`, by the full-overlap amount; where the band could turn that it
    says so."""
    name, theirs = path_label(entry.quote(found.against)), usd_on(entry, found.against)
    ours, band = usd_on(entry, BillingPath.DEDICATED), _dedicated(entry)
    amount = money(theirs) + ("" if _is_offered(entry, found) else ", notional")
    if band and band.usd_low <= theirs < band.usd_high:
        high = f"{money(band.usd_high)} if prefill and decode take turns"
        return "is", f"too close to call with {name} ({amount}; {high})"
    stands = against(theirs, ours)
    if stands.endswith("cheaper"):
        return "is", f"{times(theirs, ours)} cheaper than {name} ({amount})"
    if stands.endswith("par"):
        return "is", f"at par with {name} ({amount})"
    much = f"{times(ours, theirs)} what {name} does" if theirs else f"more than {name}"
    return "costs", f"{much} ({amount})"


def _dedicated(entry: ModelAnswer) -> DedicatedEstimate | None:
    estimate = entry.quote(BillingPath.DEDICATED).priced.estimate
    return estimate if isinstance(estimate, DedicatedEstimate) else None


def _limits_sentence(limits: AtParLimits) -> str:
    """`Par is at 35 GPUs at this throughput, 1,968 prompt tok/s or 334 decode tok/s, each alone.`"""
    ways = _ways(limits)
    if not ways:
        return "No GPUs and no tok/s alone reach par."
    alone = ", each alone" if len(ways) > 1 else ""
    unreached = [LIMIT_NAMES[field] for field in limits.unreachable]
    rest = f"; {listed(unreached, last='and')} cannot reach it" if unreached else ""
    return f"Par is at {listed(ways, last='or')}{alone}{rest}."


def _ways(limits: AtParLimits) -> list[str]:
    """What alone leads to par."""
    ways = []
    if "gpus" not in limits.unreachable:
        most = limits.max_gpus
        gpus = "any number of GPUs" if most is None else plural(most, "GPU")
        ways.append(f"{gpus} at this throughput")
    for side, tps in (("prompt", limits.min_prompt_tps), ("decode", limits.min_decode_tps)):
        if tps is not None:
            ways.append(f"{tps:,} {side} tok/s" if tps else f"any {side} tok/s")
    return ways
