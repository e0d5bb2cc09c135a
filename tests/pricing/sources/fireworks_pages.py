"""Fireworks' price pages, made up: every form that they have had, with the rates of given cards."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from pricing.cards import CardPath, GpuCard, ServerlessCard
from pricing.catalogue import Catalogue, Model

SIZES = """
| Model | \\$ / 1M tokens |
| --- | --- |
| Under 3B parameters | \\$0.12 |
| 3B – 12B parameters | \\$0.24 |
| Over 12B parameters | \\$0.80 |
| MoE up to 50B parameters (such as Marten 6x8B) | \\$0.40 |
| MoE 50.1B – 150B parameters (such as Marten 6x24B) | \\$1.30 |
"""

EMBEDDINGS = """
| Embeddings | \\$ / 1M input tokens |
| --- | --- |
| Up to 100M | \\$0.009 |
| 100M – 400M | \\$0.018 |
"""

ORDER = "Each cell gives **input / cached input / output**, in USD per 1M tokens.\n"


def serverless_page(cards: Iterable[ServerlessCard], catalogue: Catalogue, *, form: str) -> bytes:
    """The page in one of its forms: `columns`, `modes`, `modes-us`.

    `columns` is older than the priority path, so it leaves out the cards of that path.
    """
    of_model: dict[str, dict[CardPath, ServerlessCard]] = {}
    for card in cards:
        of_model.setdefault(card.model, {})[card.path] = card
    known: Mapping[str, Callable[..., str]] = {
        "columns": _columns_page,
        "modes": _modes_page,
        "modes-us": _modes_us_page,
    }
    models = [(catalogue.get(key), paths) for key, paths in of_model.items()]
    return known[form](models).encode()


def gpu_page(cards: Iterable[GpuCard], *, form: str, coming: Iterable[GpuCard] = ()) -> bytes:
    """The page in one of its forms: `hour`, `dated`, `minute`. `dated` takes the `coming` cards, all from one day on."""
    now = {card.gpu_type: card.usd_per_gpu_hour for card in cards}
    then = {card.gpu_type: card.usd_per_gpu_hour for card in coming}
    if form == "dated":
        (first_day,) = {card.effective_from for card in coming}
        headings = [
            f"Price ($) per hour — up to {_day(first_day - timedelta(days=1))}",
            f"Price ($) per hour — from {_day(first_day)}",
        ]
        rows = {
            gpu: [_usd(now.get(gpu)), _usd(then.get(gpu, now.get(gpu)))] for gpu in {**now, **then}
        }
    elif form == "minute":
        headings = ["Price ($) per minute"]
        rows = {gpu: [f"${_per_minute(usd)}"] for gpu, usd in now.items()}
    else:
        headings = {"hour": ["$ / hour (billed per second)"]}[form]
        rows = {gpu: [_usd(usd)] for gpu, usd in now.items()}
    named = [
        [f"{gpu.partition('_')[0]} {gpu.memory_gb} GB GPU", *cells] for gpu, cells in rows.items()
    ]
    return html_page(html_table(["GPU Type", *headings], named)).encode()


def html_page(body: str) -> str:
    return (
        "<!DOCTYPE html>\n<html><head><title>Pricing</title></head><body>\n"
        f"<h1>Pricing</h1>\n<p>Pay for what you use.</p>\n{body}\n<p>Questions? Ask us.</p>\n</body></html>\n"
    )


def html_table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{heading}</th>" for heading in headings)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"


Models = list[tuple[Model, dict[CardPath, ServerlessCard]]]


def _columns_page(models: Models) -> str:
    """One price a column, the dollar sign as it is, no links, a delimiter row of one cell."""
    labels = {
        CardPath.SERVERLESS_STANDARD: "{}",
        CardPath.SERVERLESS_FAST: "{} Turbo (Fast, Preview)",
        CardPath.SERVERLESS_US: "{} US",
        CardPath.SERVERLESS_SPOT: "{} Spot",
        CardPath.SERVERLESS_ULTRA_FAST: "{} Ultra-fast",
    }
    lines = ["# Pricing", "", "| Model | Input | Cached input | Output |", "|---|"]
    for model, paths in models:
        for path, label in labels.items():
            if path in paths:
                cells = [label.format(_label(model)), *_prices(paths[path])]
                lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", "Prices are in USD per 1M tokens.", ""])


def _modes_page(models: Models, *, us_label: str = "{} US") -> str:
    """Three prices a cell under Standard and Priority, padded, with links and an escaped dollar sign."""
    rows = {
        "{}": (CardPath.SERVERLESS_STANDARD, CardPath.SERVERLESS_PRIORITY),
        "{} Fast": (CardPath.SERVERLESS_FAST, None),
        us_label: (CardPath.SERVERLESS_US, CardPath.SERVERLESS_US_PRIORITY),
        "{} Spot": (CardPath.SERVERLESS_SPOT, None),
        "{} Ultra-fast": (CardPath.SERVERLESS_ULTRA_FAST, None),
    }
    lines = ["# Pricing", "", f"| {'Model':<60} | {'Standard':<28} | {'Priority':<28} |"]
    lines.append(f"| {'-' * 60} | {'-' * 28} | {'-' * 28} |")
    for model, paths in models:
        for label, pair in rows.items():
            cells = [paths.get(path) if path else None for path in pair]
            if any(cells):
                written = [_cell(card) for card in cells]
                link = _linked(label.format(_label(model)), model)
                lines.append(f"| {link:<60} | {written[0]:<28} | {written[1]:<28} |")
    return "\n".join([*lines, "", ""])


def _modes_us_page(models: Models) -> str:
    """The same with brackets around US, the sentence of the order, and the tables of sizes and embeddings."""
    page = _modes_page(models, us_label="{} (US)")
    return page + ORDER + "\n## Other models\n" + SIZES + "\n## Embeddings\n" + EMBEDDINGS


def _label(model: Model) -> str:
    return model.label.partition(" (")[0] if model.label.endswith("K)") else model.label


def _linked(label: str, model: Model) -> str:
    """Every row of a model links to the model itself."""
    ids = [id_.rpartition("/")[2] for id_ in model.fireworks_ids if "/models/" in id_]
    return (
        f"[{label}](https://app.fireworks.ai/models/fireworks/{ids[0] if ids else model.key})"
        if model.fireworks_ids
        else label
    )


def _cell(card: ServerlessCard | None) -> str:
    return " / ".join(_prices(card)).replace("$", "\\$") if card else "—"


def _prices(card: ServerlessCard) -> list[str]:
    rates = card.rates
    return [
        _usd(usd)
        for usd in (
            rates.input_usd_per_mtok,
            rates.cached_input_usd_per_mtok,
            rates.output_usd_per_mtok,
        )
    ]


def _usd(amount: Decimal | None) -> str:
    """An amount with two decimals at least, and as many as it needs."""
    if amount is None:
        return "—"
    whole, _, cents = f"{amount:f}".partition(".")
    return f"${whole}.{cents.rstrip('0'):0<2}"


def _per_minute(usd_per_hour: Decimal) -> Decimal:
    return (usd_per_hour / 60).quantize(Decimal("0.001"), rounding=ROUND_CEILING)


def _day(day: date) -> str:
    return f"{day:%b} {day.day}"
