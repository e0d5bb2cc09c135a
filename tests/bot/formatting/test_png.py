"""Pictures as files: what can be read off their bytes and their pixels."""

import struct
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.image import imread
from numpy.typing import NDArray

from bot.formatting.png import (
    Bar,
    BarPicture,
    ChartsMissingError,
    LinePicture,
    Mark,
    Series,
    draw,
)

ROOT = Path(__file__).resolve().parents[3]
FIRST, SECOND = (0x00, 0x72, 0xB2), (0xC4, 0x4E, 0x00)
CHEAPEST, OTHER = FIRST, (0x8E, 0xA6, 0xB8)
BROKEN_MATHS = "$\\frac$ and $5"


def series(name: str, *usd: str | None) -> Series:
    """A line over 1, 2, 3 …"""
    return Series(
        name=name,
        points=tuple(
            (Decimal(x), None if amount is None else Decimal(amount))
            for x, amount in enumerate(usd, start=1)
        ),
    )


def lines(*drawn: Series, marks: tuple[Mark, ...] = (), log: bool | None = None) -> LinePicture:
    return LinePicture(
        title="Kimi K2.6",
        subtitle="1,000 episodes",
        x_label="Turns per episode",
        y_label="US dollars for the run",
        series=drawn,
        marks=marks,
        log=log,
        footer="Rates of 2026-08-01",
    )


def bars(*drawn: Bar, log: bool | None = None) -> BarPicture:
    return BarPicture(
        title="Models",
        subtitle="1,000 episodes",
        y_label="US dollars for the run",
        bars=drawn,
        log=log,
        footer="Rates of 2026-08-01",
    )


def bar(name: str, usd: str | None, *, notional: bool = False) -> Bar:
    return Bar(name=name, usd=None if usd is None else Decimal(usd), notional=notional)


def drawn(picture: LinePicture | BarPicture, folder: Path) -> bytes:
    file = folder / "picture.png"
    draw(picture, file)
    return file.read_bytes()


def pixels(picture: LinePicture | BarPicture, folder: Path) -> NDArray[np.int64]:
    """Rows from the top, columns from the left, and red, green and blue from 0 to 255."""
    drawn(picture, folder)
    return np.rint(imread(folder / "picture.png")[:, :, :3] * 255).astype(np.int64)


def of_colour(image: NDArray[np.int64], colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    return (np.abs(image - colour) <= 2).all(axis=2)


CROSSING = lines(series("Tinker", "1", "2", "3"), series("Dedicated", "2", "2", "2"))


def test_a_picture_is_a_png_of_sixteen_by_nine(tmp_path: Path) -> None:
    written = drawn(CROSSING, tmp_path)
    assert written[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", written[16:24]) == (2560, 1440)
    # 200 dots an inch are 7,874 a metre
    at = written.index(b"pHYs") + 4
    assert struct.unpack(">IIB", written[at : at + 9]) == (7874, 7874, 1)


@pytest.mark.parametrize("picture", [CROSSING, bars(bar("A", "1"), bar("B", "2"))])
def test_the_same_picture_gives_the_same_bytes_whatever_the_settings_of_matplotlib(
    picture: LinePicture | BarPicture, tmp_path: Path
) -> None:
    first = drawn(picture, tmp_path)
    odd = {
        "text.usetex": True,
        "font.size": 40,
        "lines.linewidth": 9,
        "lines.marker": "x",
        "figure.facecolor": "black",
        "text.color": "red",
        "savefig.dpi": 30,
    }
    with matplotlib.rc_context(odd):
        assert drawn(picture, tmp_path) == first


def test_a_missing_amount_leaves_a_gap(tmp_path: Path) -> None:
    whole = of_colour(pixels(lines(series("A", *"55555")), tmp_path), FIRST).any(axis=0)
    apart = of_colour(pixels(lines(series("A", "5", "5", None, "5", "5")), tmp_path), FIRST)
    columns = np.flatnonzero(whole[:1900])
    left, right = columns[0], columns[-1]
    middle = slice(left + (right - left) * 3 // 8, left + (right - left) * 5 // 8)
    assert whole[middle].all()
    assert not apart.any(axis=0)[middle].any()
    assert apart.any(axis=0)[left : left + (right - left) // 5].all()


def test_an_amount_between_two_gaps_is_still_seen(tmp_path: Path) -> None:
    alone = series("A", None, "5", None)
    image = pixels(lines(alone, series("B", "1", "1", "1")), tmp_path)
    assert of_colour(image, FIRST)[:, :1700].sum() > 50


def test_a_path_that_cannot_be_bought_is_pale_from_there_on(tmp_path: Path) -> None:
    line = series("A", *"55555")
    whole = of_colour(pixels(lines(line), tmp_path), FIRST).any(axis=0)
    pale = replace(line, notional_from=Decimal(3))
    half = of_colour(pixels(lines(pale), tmp_path), FIRST).any(axis=0)
    left = int(np.flatnonzero(whole)[0])
    right = int(np.flatnonzero(~whole[left:])[0]) + left
    assert half[left : left + (right - left) // 4].all()
    assert not half[left + (right - left) * 5 // 8 : right].any()


@pytest.mark.parametrize(
    ("usd", "log"), [(("1", "30"), False), (("1", "30.01"), True), (("0", "2", "61"), True)]
)
def test_the_scale_is_logarithmic_above_thirty_times_the_smallest_or_when_asked(
    usd: tuple[str, ...], log: bool, tmp_path: Path
) -> None:
    line = series("A", *usd)
    alone = drawn(lines(line), tmp_path)
    assert alone == drawn(lines(line, log=log), tmp_path)
    assert alone != drawn(lines(line, log=not log), tmp_path)


def test_a_bar_twice_the_amount_is_twice_as_long(tmp_path: Path) -> None:
    image = pixels(bars(bar("A", "100"), bar("B", "200")), tmp_path)
    short = of_colour(image, CHEAPEST).any(axis=0).sum()
    long = of_colour(image, OTHER).any(axis=0).sum()
    assert long / short == pytest.approx(2, abs=0.02)


def test_what_cannot_be_bought_is_never_picked_out_as_the_cheapest(tmp_path: Path) -> None:
    image = pixels(bars(bar("A", "100", notional=True), bar("B", "200")), tmp_path)
    rows = np.flatnonzero(of_colour(image, CHEAPEST).any(axis=1))
    without = pixels(bars(bar("A", None), bar("B", "200")), tmp_path)
    assert np.array_equal(rows, np.flatnonzero(of_colour(without, CHEAPEST).any(axis=1)))


def test_a_model_without_a_price_has_no_bar(tmp_path: Path) -> None:
    image = pixels(bars(bar("A", None), bar("B", None)), tmp_path)
    assert not of_colour(image, CHEAPEST).any()
    assert not of_colour(image, OTHER).any()


def test_the_name_of_a_mark_covers_no_line(tmp_path: Path) -> None:
    marked = replace(
        CROSSING, marks=(Mark(x=Decimal(2), usd=Decimal(2), text="Dedicated from 2 turns on"),)
    )
    plain, with_mark = pixels(CROSSING, tmp_path), pixels(marked, tmp_path)
    for colour in (FIRST, SECOND):
        before, after = of_colour(plain, colour).sum(), of_colour(with_mark, colour).sum()
        # the ring itself covers a few pixels
        assert after > before - 800
    assert not np.array_equal(plain, with_mark)


@pytest.mark.parametrize(
    "name",
    [BROKEN_MATHS, "W" * 5000, "many words " * 500, "価格 🚀 \x00\u202e", "<b>&amp;", "", " \n "],
)
def test_a_hostile_text_is_drawn_as_text_and_stays_on_the_page(name: str, tmp_path: Path) -> None:
    mark = Mark(x=Decimal(2), usd=Decimal(2), text=name)
    hostile = LinePicture(
        title=name,
        subtitle=name,
        x_label=name,
        y_label=name,
        series=(series(name, "1", "2", "3"), series(name, None)),
        marks=(mark, mark),
        footer=name,
    )
    note = Bar(name=name, usd=Decimal(1), note=name)
    row = replace(bars(note, bar(name, None)), title=name, subtitle=name, y_label=name, footer=name)
    for picture in (hostile, row):
        margin = pixels(picture, tmp_path)
        assert (margin[:, :80] == 255).all()
        assert (margin[:, -60:] == 255).all()


def test_a_line_break_in_a_name_is_a_space(tmp_path: Path) -> None:
    assert drawn(bars(bar("a\r\n b", "1")), tmp_path) == drawn(bars(bar("a b", "1")), tmp_path)


@pytest.mark.parametrize(
    "picture",
    [
        lines(),
        lines(series("A", None, None)),
        lines(series("A", "0", "0")),
        lines(series("A", "5")),
        lines(series("A", "5"), log=True),
        lines(series("A", "0"), log=True),
        lines(series("A", "1e-400", "1e400")),
        bars(),
        bars(bar("A", "0")),
        bars(bar("A", "0"), bar("B", "1"), log=True),
        bars(*(bar(f"model {n}", f"1e{n}") for n in range(20))),
        lines(*(series(f"path {n}", str(n)) for n in range(30))),
    ],
)
def test_odd_amounts_are_drawn_without_a_warning(picture: LinePicture, tmp_path: Path) -> None:
    assert drawn(picture, tmp_path).startswith(b"\x89PNG")


def test_without_matplotlib_the_error_says_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ChartsMissingError, match=r'pip install "rlcost\[charts\]"'):
        draw(CROSSING, tmp_path / "picture.png")
    assert list(tmp_path.iterdir()) == []


def test_matplotlib_is_loaded_to_draw_and_pyplot_never() -> None:
    script = (
        "import sys; from pathlib import Path; from decimal import Decimal as D; "
        "from bot.formatting.png import *; print('matplotlib' in sys.modules); "
        "bar = Bar(name='A', usd=D(1)); "
        "picture = BarPicture(title='', subtitle='', y_label='', bars=(bar,), footer=''); "
        "draw(picture, Path(sys.argv[1])); "
        "print('matplotlib' in sys.modules, 'matplotlib.pyplot' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, "/dev/null"],
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        check=True,
    )
    assert run.stdout.split() == ["False", "True", "False"]
