"""A check of the sources in words and as JSON: what each says now, and what of it is taken, waits or is refused."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from bot.checks import CheckedSource, CheckReport, Outcome
from bot.formatting.as_json import number
from bot.formatting.figures import NO_AMOUNT, price
from bot.formatting.layout import Cell, Figure, Section, Table, View
from bot.formatting.rates_view import key_label
from bot.formatting.wording import listed, plural
from pricing.cards import CardKey, CardPath
from pricing.catalogue import window_name
from pricing.changes import RateName
from pricing.judgement import Finding, Flag, Status

RATE_WORDS = {
    RateName.INPUT: "input",
    RateName.CACHED_INPUT: "cached input",
    RateName.OUTPUT: "output",
    RateName.TRAIN: "train",
    RateName.GPU_HOUR: "GPU-hour",
}
_STATUS_WORDS = {
    Status.IN_FORCE: "in force",
    Status.PENDING: "announced",
    Status.QUARANTINED: "held",
}


def check_view(report: CheckReport) -> View:
    """The verdict, the sources, then what moved and why some of it is held."""
    findings = [finding for checked in report.sources for finding in checked.findings]
    sections = [Section(title="Sources", facts=tuple(_source_facts(report)))]
    if findings:
        sections.append(Section(title="Changes", table=_table(findings)))
    held = [f"{key_label(f.key)}: {f.reason}." for f in findings if f.reason]
    if held:
        sections.append(Section(title="Why", lines=tuple(held)))
    flags = [_flag(flag) for checked in report.sources for flag in checked.flags]
    if flags:
        sections.append(
            Section(title="A feed says otherwise, which decides nothing", lines=tuple(flags))
        )
    return View(summary=_summary(report, findings), sections=tuple(sections))


def check_json(report: CheckReport) -> dict[str, Any]:
    """The report as `rlcost rates check --json` prints it."""
    return {
        "sources": [_source_json(checked) for checked in report.sources],
        "waiting": report.waiting,
    }


def _summary(report: CheckReport, findings: list[Finding]) -> str:
    on = [checked for checked in report.sources if checked.outcome is not Outcome.OFF]
    faulty = [checked for checked in on if checked.outcome is Outcome.FAULT]
    counts = {status: sum(f.status is status for f in findings) for status in Status}
    said = [f"{plural(n, 'change')} {_STATUS_WORDS[status]}" for status, n in counts.items() if n]
    first = f"{len(on) - len(faulty)} of {plural(len(on), 'source')} answered: {listed(said) or 'nothing has changed'}."
    if faulty:
        first += (
            f" {listed(c.source.name for c in faulty)} could not be read; their last rates stay."
        )
    if report.waiting:
        first += f" {plural(report.waiting, 'change')} to review: `rlcost rates review`."
    return first


def _source_facts(report: CheckReport) -> Iterator[tuple[str, str]]:
    for checked in report.sources:
        said = checked.fault.text if checked.fault else _outcome(checked)
        yield checked.source.name, said


def _outcome(checked: CheckedSource) -> str:
    if checked.outcome is Outcome.OFF:
        return "off, its key is not set" if checked.source.needs_key else "off"
    words = "unchanged" if not checked.findings else plural(len(checked.findings), "change")
    if checked.not_covered:
        words += f"; {plural(len(checked.not_covered), 'name')} not covered here"
    return words


def _table(findings: list[Finding]) -> Table:
    rows = tuple(row for finding in findings for row in _rows(finding))
    header = ("For", "Rate", "Before", "After", "From", "State")
    return Table(header=header, rows=rows, numeric=frozenset({2, 3}))


def _rows(finding: Finding) -> Iterator[tuple[Cell, ...]]:
    state = _STATUS_WORDS[finding.status]
    if finding.after is None:
        yield key_label(finding.key), "all", "listed", "gone", str(finding.on), state
        return
    for rate, before, after in finding.differences:
        yield (
            key_label(finding.key),
            RATE_WORDS[rate],
            _usd(before),
            _usd(after),
            str(finding.on),
            state,
        )


def _usd(usd: Decimal | None) -> Cell:
    return NO_AMOUNT if usd is None else Figure(price(usd), usd)


def _flag(flag: Flag) -> str:
    return f"{key_label(flag.key)}: {RATE_WORDS[flag.rate]} {_usd(flag.feed_usd)} at {flag.source}, {_usd(flag.card_usd)} on our card."


def _source_json(checked: CheckedSource) -> dict[str, Any]:
    fault = checked.fault
    return {
        "source": checked.source.id.value,
        "outcome": checked.outcome.value,
        "fault": {"code": fault.code.value, "text": fault.text} if fault else None,
        "changes": [change for finding in checked.findings for change in finding_json(finding)],
        "flags": [_flag_json(flag) for flag in checked.flags],
        "not_covered": list(checked.not_covered),
    }


def finding_json(finding: Finding) -> Iterator[dict[str, Any]]:
    """One object a rate that moved; of a key that is gone, one for each of its rates."""
    for rate, before, after in finding.differences:
        yield key_json(finding.key) | {
            "rate": rate.value,
            "before": number(before),
            "after": number(after),
            "effective_from": finding.on.isoformat(),
            "status": finding.status.value,
            "reason": finding.reason or None,
            "hold": finding.hold.value if finding.hold else None,
            "quote": finding.quote,
        }


def key_json(key: CardKey) -> dict[str, Any]:
    """What a rate is for: `variant` is Tinker's window, or the GPU type."""
    if key.path is CardPath.DEDICATED:
        return {
            "model": None,
            "path": key.path.value,
            "variant": str(key.item),
            "gpu_type": str(key.item),
        }
    variant = window_name(key.window_tokens) if key.window_tokens else None
    return {"model": str(key.item), "path": key.path.value, "variant": variant}


def _flag_json(flag: Flag) -> dict[str, Any]:
    return key_json(flag.key) | {
        "rate": flag.rate.value,
        "card": number(flag.card_usd),
        "feed": number(flag.feed_usd),
    }
