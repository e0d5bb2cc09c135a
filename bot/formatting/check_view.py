"""A check of the sources in words and as JSON: what each says now, and what of it is taken, waits or is refused."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from bot.checks import CheckedSource, CheckReport, Outcome, Withdrawn
from bot.formatting.as_json import number
from bot.formatting.figures import NO_AMOUNT, price
from bot.formatting.layout import Cell, Figure, Section, Table, View
from bot.formatting.rates_view import key_label
from bot.formatting.wording import listed, plural
from pricing.cards import CardKey, CardPath
from pricing.catalogue import window_name
from pricing.changes import RateName
from pricing.judgement import Finding, Flag, Hold, Status
from pricing.sources import SOURCES, FaultCode, FetchError

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
# Why a page that arrived is not believed.
_NOT_BELIEVED = {
    FaultCode.FORMAT: "not laid out as it was",
    FaultCode.HEADING: "its headings have changed",
    FaultCode.UNIT: "its unit cannot be right",
    FaultCode.CURRENCY: "not in US dollars",
    FaultCode.RATE: "a rate cannot be right",
    FaultCode.ROWS: "its rows cannot be right",
}
# What a fault of one page means where every page has it.
_ALIKE = {
    "no address of its host is known": "this machine cannot look up their hosts",
    "no connection was made": "this machine cannot connect to any of them",
    "its certificate was not accepted": "none of their certificates was accepted",
    "did not answer in time": "none of them answered in time",
    "the connection broke off": "every connection broke off",
}
_DOLLARS = re.compile(r"(\d[\d,]*(?:\.\d+)?) dollars\b")
_MOST_NAMED = 3


def check_view(report: CheckReport) -> View:
    """The verdict, the sources, then what moved and why some of it is held."""
    findings = [finding for checked in report.sources for finding in checked.findings]
    sections = [Section(title="Sources", facts=tuple(_source_facts(report)))]
    if findings:
        sections.append(Section(title="Changes", table=_table(findings)))
    held = [f"{key_label(f.key)}: {held_because(f.hold, f.reason)}." for f in findings if f.reason]
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
        "withdrawn": [
            {"id": each.claim.id, **key_json(each.claim.key), "as_card": each.is_as_card}
            for each in report.withdrawn
        ],
    }


def held_because(hold: str | None, reason: str) -> str:
    """Why a claim is held, as part of a sentence."""
    if hold == Hold.BACK_AGAIN and reason.startswith("its rates ended"):
        return f"it is listed again although {reason}"
    return reason


def _summary(report: CheckReport, findings: list[Finding]) -> str:
    sentences = [
        _answered(report, findings),
        *_withdrawn(report.withdrawn),
        *_called_off(report),
    ]
    if report.waiting:
        sentences.append(f"{plural(report.waiting, 'change')} to review: `rlcost rates review`.")
    return " ".join(sentences)


def _answered(report: CheckReport, findings: list[Finding]) -> str:
    """Which sources gave rates, what came of those, and that of the others nothing is known."""
    on = [checked for checked in report.sources if checked.outcome is not Outcome.OFF]
    unread = [checked for checked in on if _is_unread(checked)]
    unbelieved = [checked for checked in on if checked.fault and not _is_unread(checked)]
    if not on:
        return "Every source is off, so nothing was asked, and the last rates stay."
    if len(unread) == len(on):
        common = _common_reason(unread)
        why = f": {common}" if common else ""
        return f"No source could be read, so nothing is known of changes{why}. The last rates stay."
    faults = f"{_unread(unread)}{_unbelieved(unbelieved)}"
    good = len(on) - len(unread) - len(unbelieved)
    if not good:
        return f"No source gave rates, so nothing is known of changes.{faults}"
    counts = {status: sum(f.status is status for f in findings) for status in Status}
    said = [f"{plural(n, 'change')} {_STATUS_WORDS[status]}" for status, n in counts.items() if n]
    nothing = "nothing has changed there" if faults else "nothing has changed"
    verb = "gave rates" if unbelieved else "answered"
    return f"{good} of {plural(len(on), 'source')} {verb}: {listed(said) or nothing}.{faults}"


def _is_unread(checked: CheckedSource) -> bool:
    """Whether the page did not arrive; one that did and is at fault is not believed."""
    return isinstance(checked.fault, FetchError)


def _unread(unread: Sequence[CheckedSource]) -> str:
    return f" {_names(unread)} could not be read; {_their(unread)} last rates stay." * bool(unread)


def _unbelieved(faulty: Sequence[CheckedSource]) -> str:
    were = "was" if len(faulty) == 1 else "were"
    said = f" {_names(faulty)} answered and {were} not believed; {_their(faulty)} last rates stay."
    return said * bool(faulty)


def _names(checked: Sequence[CheckedSource]) -> str:
    return listed(each.source.name for each in checked)


def _their(checked: Sequence[CheckedSource]) -> str:
    return "its" if len(checked) == 1 else "their"


def _common_reason(unread: Sequence[CheckedSource]) -> str | None:
    """What keeps every source from being read, if it is one and the same; of a single one its own line says it."""
    if len(unread) < 2:
        return None
    for of_one, of_all in _ALIKE.items():
        if all(each.fault and of_one in each.fault.text for each in unread):
            return of_all
    return None


def _withdrawn(withdrawn: Sequence[Withdrawn]) -> Iterator[str]:
    """What waits no longer, because its source says something else again."""
    if not withdrawn:
        return
    were = "was" if len(withdrawn) == 1 else "were"
    said = f"{plural(len(withdrawn), 'held change')} {were} withdrawn"
    keys = dict.fromkeys(key_label(each.claim.key) for each in withdrawn)
    if len(keys) > _MOST_NAMED:
        yield f"{said}: {_their_sources(len(withdrawn))} so any more."
    elif all(each.is_as_card for each in withdrawn):
        are = "is as its card says" if len(keys) == 1 else "are as their cards say"
        yield f"{said}: {listed(keys)} {are} again."
    else:
        yield f"{said}, of {listed(keys)}: {_their_sources(len(withdrawn))} so any more."


def _their_sources(count: int) -> str:
    return "its source does not say" if count == 1 else "their sources do not say"


def _called_off(report: CheckReport) -> Iterator[str]:
    """What was announced for a day to come, and is not announced any more."""
    if report.called_off:
        were = "was" if len(report.called_off) == 1 else "were"
        days = (f"{key_label(change.key)} from {change.on}" for change in report.called_off)
        yield f"{plural(len(report.called_off), 'announced change')} {were} called off: {listed(days)}."


def _source_facts(report: CheckReport) -> Iterator[tuple[str, str]]:
    on = [checked for checked in report.sources if checked.outcome is not Outcome.OFF]
    common = _common_reason(on) if all(map(_is_unread, on)) else None
    for checked in report.sources:
        if not checked.fault:
            yield checked.source.name, _outcome(checked, report)
        elif _is_unread(checked):
            yield checked.source.name, "could not be read" if common else _said(checked.fault.text)
        else:
            why = _NOT_BELIEVED.get(checked.fault.code, "")
            said = f"not believed, {why}" if why else "not believed"
            yield checked.source.name, f"{said}: {_said(checked.fault.text)}"


def _said(text: str) -> str:
    """The words of a fault, with amounts as they are written everywhere else."""
    return _DOLLARS.sub(lambda found: price(Decimal(found[1].replace(",", ""))), text)


def _outcome(checked: CheckedSource, report: CheckReport) -> str:
    if checked.outcome is Outcome.OFF:
        return "off, its key is not set" if checked.source.needs_key else "off"
    if checked.findings:
        words = plural(len(checked.findings), "change")
    else:
        words = "no change of its own" if _is_beside(checked, report) else "unchanged"
    if checked.not_covered:
        words += f"; {plural(len(checked.not_covered), 'name')} not covered here"
    return words


def _is_beside(checked: CheckedSource, report: CheckReport) -> bool:
    """Whether a change of what this official source lists too is told under another one, which decides."""
    return checked.source.official and any(
        finding.key.path in checked.source.paths
        for other in report.sources
        for finding in other.findings
    )


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
    return f"{key_label(flag.key)}: {RATE_WORDS[flag.rate]} {_usd(flag.feed_usd)} at {SOURCES[flag.source].name}, {_usd(flag.card_usd)} on our card."


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
