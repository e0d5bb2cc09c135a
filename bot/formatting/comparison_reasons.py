"""What keeps the paths of a model in a comparison from being bought, in few words."""

from collections.abc import Iterable, Iterator, Sequence

from bot.formatting.wording import PATH_NAMES, reason_word
from bot.verdicts import Lacking, Ranked
from engine.caveats import BillingPath, Reason
from pricing.quotes import SERVERLESS_PATHS


def why_lacking(lacking: Lacking) -> str:
    """Why the paths of a model cannot be had."""
    return with_too_small(lacking, why_not(lacking.paths))


def with_too_small(row: Ranked | Lacking, why: str) -> str:
    """Why paths cannot be had, with dedicated where its cluster cannot hold the model."""
    return "; ".join(filter(None, (why, "Dedicated: too small" if row.too_small else "")))


def why_not(
    paths: Iterable[tuple[BillingPath, tuple[Reason, ...]]], *, in_table: bool = False
) -> str:
    """`Tinker: too long; Serverless: retired`, paths with the same reasons together."""
    by_reason: dict[str, list[BillingPath]] = {}
    for path, reasons in paths:
        words = ", ".join(dict.fromkeys(reason_word(reason) for reason in reasons))
        by_reason.setdefault(words, []).append(path)
    return "; ".join(
        f"{', '.join(_short_names(paths, in_table=in_table))}: {words}"
        for words, paths in by_reason.items()
    )


def _short_names(paths: Sequence[BillingPath], *, in_table: bool) -> Iterator[str]:
    """Paths in few words: all modes of serverless are `Serverless`, two are `Serverless standard, fast`.

    A table, which has the word beside them, has room for `standard, fast` alone.
    """
    modes = [path for path in paths if path in SERVERLESS_PATHS]
    every_mode = len(modes) == len(SERVERLESS_PATHS)
    for path in paths:
        name = PATH_NAMES[path]
        if path not in modes:
            yield name
        elif every_mode:
            if path is modes[0]:
                yield "Serverless"
        elif path is modes[0] and not in_table:
            yield name
        else:
            yield name.removeprefix("Serverless ")
