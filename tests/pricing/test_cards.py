"""The rate cards that ship, the days they answer for, and what their reader refuses."""

import itertools
import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copytree

import pytest

from pricing.cards import CardKey, CardPath, RateBook, TinkerCard, load_book
from pricing.catalogue import load_catalogue
from pricing.files import DATA, RateFileError

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "cards.jsonl"
CATALOGUE = load_catalogue()


@pytest.fixture(scope="module")
def book() -> RateBook:
    return load_book(CATALOGUE)


def gpu_hour(book: RateBook, gpu_type: str, day: date) -> Decimal | None:
    card = book.gpus.around(CardKey(CardPath.DEDICATED, gpu_type), day).begun
    return card.usd_per_gpu_hour if card and card.holds_on(day) else None


def test_there_are_136_cards(book: RateBook) -> None:
    assert len(list(book)) == 136


def test_the_gpu_hour_rose_on_2026_09_01(book: RateBook) -> None:
    assert gpu_hour(book, "B300_288GB", date(2026, 8, 31)) == 12
    assert gpu_hour(book, "B300_288GB", date(2026, 9, 1)) == 15
    assert gpu_hour(book, "B300_288GB", date(2026, 5, 7)) is None


def test_cached_prefill_has_a_rate_from_2026_07_17(book: RateBook) -> None:
    key = CardKey(CardPath.TINKER, "kimi-k2p6", 131_072)
    before = book.tinker.around(key, date(2026, 7, 16)).begun
    after = book.tinker.around(key, date(2026, 7, 17)).begun
    assert before is not None
    assert after is not None
    assert before.cached_input_usd_per_mtok is None
    assert after.cached_input_usd_per_mtok == Decimal("1.03")


def test_a_card_is_certain_from_the_end_of_its_first_sighting(book: RateBook) -> None:
    key = CardKey(CardPath.SERVERLESS_FAST, "kimi-k2p6")
    card = book.serverless.around(key, date(2026, 5, 16)).begun
    assert card is not None
    assert (card.effective_from, card.certain_from) == (date(2026, 4, 24), date(2026, 6, 5))


def test_no_two_cards_of_a_key_hold_on_one_day(book: RateBook) -> None:
    by_key: dict[CardKey, list[tuple[date, date]]] = {}
    for card in book:
        spans = by_key.setdefault(card.key, [])
        spans.append((card.effective_from, card.effective_to or date.max))
    for spans in by_key.values():
        ordered = sorted(spans)
        assert all(end < start for (_, end), (start, _) in itertools.pairwise(ordered))


GPU_CARD = """
[[card]]
gpu_type = "B200_180GB"
usd_per_gpu_hour = 13.00
effective_from = 2026-09-01
from_certain = true
verified_on = 2026-10-05
confidence = "high"
source_url = "https://fireworks.ai/pricing"
sightings = ["2026-10-05"]
"""
TINKER_CARD = """
[[card]]
model = "kimi-k2p6"
window_tokens = 131_072
input_usd_per_mtok = 5.15
output_usd_per_mtok = 12.81
effective_from = 2026-09-01
from_certain = true
verified_on = 2026-10-05
confidence = "high"
source_url = "https://tinker-docs.thinkingmachines.ai/tinker/models/"
sightings = ["2026-10-05"]
"""


def refusal(folder: Path, file: str, text: str) -> str:
    """What the loader says about a folder in which one file holds `text`."""
    copytree(DATA, folder / "data")
    (folder / "data" / file).write_text(text, encoding="utf-8")
    with pytest.raises(RateFileError) as fault:
        load_book(CATALOGUE, folder / "data")
    return str(fault.value)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            ("13.00", "-1.00"),
            "`usd_per_gpu_hour` = -1.00: Input should be greater than or equal to 0",
        ),
        (("13.00", "nan"), "`usd_per_gpu_hour` = NaN: Input should be a finite number"),
        (
            ("13.00", '"13.00"'),
            "`usd_per_gpu_hour` = 13.00: Input should be an instance of Decimal",
        ),
        (("13.00", "true"), "`usd_per_gpu_hour` = True"),
        (("usd_per_gpu_hour", "usd_per_hour"), "`usd_per_gpu_hour` is missing"),
        (("B200_180GB", "B400_500GB"), "`gpu_type` = B400_500GB"),
        (("from_certain", "surely = 1\nfrom_certain"), "unknown key `surely`"),
        (("verified_on = 2026-10-05", 'verified_on = "2026-10-05"'), "`verified_on` = 2026-10-05"),
        (('"2026-10-05"]', '"2026-10-05/2026-09-01"]'), "`sightings.0` = 2026-10-05/2026-09-01"),
        (('["2026-10-05"]', "[]"), "`sightings` = []"),
        (("https://", "http://"), "`source_url` = http://fireworks.ai/pricing"),
        (
            ("from_certain", 'effective_to = 2026-08-31\nended = "retired"\nfrom_certain'),
            "it ends on 2026-08-31, before it starts",
        ),
        (("from_certain", "effective_to = 2026-10-31\nfrom_certain"), "belong together"),
        (
            ("from_certain", 'effective_to = 2026-10-31\nended = "replaced"\nfrom_certain'),
            "it is `replaced`, but no later card follows",
        ),
    ],
)
def test_a_fault_stops_the_start_and_names_file_and_card(
    tmp_path: Path, change: tuple[str, str], complaint: str
) -> None:
    said = refusal(tmp_path, "fireworks_dedicated.toml", GPU_CARD.replace(*change, 1))
    assert said.startswith("fireworks_dedicated.toml, card 1 (")
    assert "from 2026-09-01)" in said
    assert complaint in said


def test_two_cards_for_one_day_are_refused(tmp_path: Path) -> None:
    later = GPU_CARD.replace("effective_from = 2026-09-01", "effective_from = 2026-10-01")
    said = refusal(tmp_path, "fireworks_dedicated.toml", GPU_CARD + later)
    assert said == (
        "fireworks_dedicated.toml, card 2 (B200_180GB from 2026-10-01): "
        "the card from 2026-09-01 holds on 2026-10-01 too"
    )


def test_a_card_twice_is_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, "fireworks_dedicated.toml", GPU_CARD + GPU_CARD)
    assert "card 2 (B200_180GB from 2026-09-01): the card from 2026-09-01 holds" in said


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            ("kimi-k2p6", "kimi-k9"),
            "card 1 (kimi-k9 128K from 2026-09-01): models.toml has no model `kimi-k9`",
        ),
        (("131_072", "65_536"), "models.toml gives `kimi-k2p6` no window of 65536 tokens"),
    ],
)
def test_an_unknown_model_or_window_is_refused(
    tmp_path: Path, change: tuple[str, str], complaint: str
) -> None:
    assert complaint in refusal(tmp_path, "tinker.toml", TINKER_CARD.replace(*change, 1))


def test_a_tinker_card_does_not_belong_among_serverless(tmp_path: Path) -> None:
    said = refusal(tmp_path, "fireworks_serverless.toml", TINKER_CARD)
    assert said.startswith("fireworks_serverless.toml, card 1 (kimi-k2p6 128K from 2026-09-01)")


@pytest.mark.parametrize("text", ["", "[[card]\n", "title = 1\n", "card = 3\n"])
def test_a_file_of_another_shape_is_refused_or_empty(tmp_path: Path, text: str) -> None:
    if not text:
        copytree(DATA, tmp_path / "data")
        (tmp_path / "data" / "tinker.toml").write_text("", encoding="utf-8")
        assert load_book(CATALOGUE, tmp_path / "data").tinker.cards == ()
    else:
        assert refusal(tmp_path, "tinker.toml", text).startswith("tinker.toml")


def as_sighting(text: str) -> str:
    """The reference writes spans in words; the files write them as first/last day."""
    span = re.search(r"between (\S+) and (\S+)\)", text)
    months = {"2026-11": "2026-11-01/2026-11-21", "2026-08": "2026-08-01/2026-08-31"}
    early = "2026-01-27/2026-05-07" if text.startswith("early 2026") else text
    return f"{span[1]}/{span[2]}" if span else months.get(text, early)


def reference_cards() -> Iterator[dict[str, object]]:
    for line in REFERENCE.read_text(encoding="utf-8").splitlines():
        card = json.loads(line, parse_float=Decimal)
        notes, sightings = card.pop("notes"), card.pop("sightings")
        yield card | {"notes": len(notes), "sightings": [as_sighting(text) for text in sightings]}


def shipped_cards(book: RateBook) -> Iterator[dict[str, object]]:
    for card in book:
        fields = card.model_dump(mode="python", exclude_none=True, exclude={"notes", "sightings"})
        days = {name: day.isoformat() for name, day in fields.items() if isinstance(day, date)}
        variant = {"variant": card.variant} if isinstance(card, TinkerCard) else {}
        yield (
            fields
            | days
            | variant
            | {
                "path": str(card.key.path),
                "notes": len(card.notes),
                "sightings": list(card.sightings),
            }
        )


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference is not at hand")
def test_every_card_of_the_reference_is_carried_over_exactly(book: RateBook) -> None:
    def order(card: dict[str, object]) -> tuple[str, ...]:
        names = ("path", "model", "gpu_type", "window_tokens", "effective_from")
        return tuple(str(card.get(name)) for name in names)

    assert sorted(shipped_cards(book), key=order) == sorted(reference_cards(), key=order)
