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

from bot.formatting.picture import Amount, Band, Crossing, LinePicture, Series
from bot.formatting.png import ChartsMissingError, draw

ROOT = Path(__file__).resolve().parents[3]
FIRST, SECOND = (0x00, 0x72, 0xB2), (0xC4, 0x4E, 0x00)
SHADE, SOFT = (0xF4, 0xF4, 0xF5), (0x5E, 0x5D, 0x60)
BROKEN_MATHS = "$\\frac$ and $5"


def series(name: str, *usd: str | None, notional_from: int | None = None) -> Series:
    """A line over 1, 2, 3 …"""
    return Series(
        name=name,
        amounts=tuple(
            Amount(
                Decimal(x),
                None if amount is None else Decimal(amount),
                notional=notional_from is not None and x >= notional_from,
            )
            for x, amount in enumerate(usd, start=1)
        ),
    )


def lines(
    *drawn: Series, crossings: tuple[Crossing, ...] = (), log: bool | None = None
) -> LinePicture:
    return LinePicture(
        title="Kimi K2.6",
        subtitle="Dedicated is cheapest from 2 turns on.",
        x_label="Turns per episode",
        y_label="US dollars for the run",
        series=drawn,
        values=tuple(dict.fromkeys(one.x for line in drawn for one in line.amounts)),
        crossings=crossings,
        log=log,
        basis="1,000 episodes",
        footer="Rates of 2026-08-01",
    )


def drawn(picture: LinePicture, folder: Path) -> bytes:
    file = folder / "picture.png"
    draw(picture, file)
    return file.read_bytes()


def pixels(picture: LinePicture, folder: Path) -> NDArray[np.int64]:
    """Rows from the top, columns from the left, and red, green and blue from 0 to 255."""
    drawn(picture, folder)
    return np.rint(imread(folder / "picture.png")[:, :, :3] * 255).astype(np.int64)


def of_colour(image: NDArray[np.int64], colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    return (np.abs(image - colour) <= 2).all(axis=2)


def spans(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """From the left the columns, first and last, over which something of a mask stands; a label has the last of them."""
    columns = np.flatnonzero(mask.any(axis=0))
    ends = np.flatnonzero(np.diff(columns) > 1)
    return [
        (int(columns[start]), int(columns[end]))
        for start, end in zip([0, *(ends + 1)], [*ends, len(columns) - 1], strict=True)
    ]


def axis(image: NDArray[np.int64]) -> tuple[int, int]:
    """From where to where the axis below the plot goes, which stands 250 above the foot."""
    return max(spans(of_colour(image, SOFT)[1185:1195]), key=lambda one: one[1] - one[0])


CROSSING = lines(series("Tinker", "1", "2", "3"), series("Dedicated", "2", "2", "2"))


def test_a_picture_is_a_png_of_sixteen_by_nine(tmp_path: Path) -> None:
    written = drawn(CROSSING, tmp_path)
    assert written[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", written[16:24]) == (2560, 1440)
    # 200 dots an inch are 7,874 a metre
    at = written.index(b"pHYs") + 4
    assert struct.unpack(">IIB", written[at : at + 9]) == (7874, 7874, 1)


def test_the_same_picture_gives_the_same_bytes_whatever_the_settings_of_matplotlib(
    tmp_path: Path,
) -> None:
    first = drawn(CROSSING, tmp_path)
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
        assert drawn(CROSSING, tmp_path) == first


def test_a_missing_amount_leaves_a_gap(tmp_path: Path) -> None:
    whole = of_colour(pixels(lines(series("A", *"55555")), tmp_path), FIRST).any(axis=0)
    apart = of_colour(pixels(lines(series("A", "5", "5", None, "5", "5")), tmp_path), FIRST)
    columns = np.flatnonzero(whole[:1900])
    left, right = columns[0], columns[-1]
    middle = slice(left + (right - left) * 3 // 8, left + (right - left) * 5 // 8)
    assert whole[middle].all()
    assert not apart.any(axis=0)[middle].any()
    assert apart.any(axis=0)[left : left + (right - left) // 5].all()


def test_a_line_with_a_place_of_its_own_has_the_colour_of_that_place(tmp_path: Path) -> None:
    image = pixels(lines(replace(series("A", *"55555"), place=1)), tmp_path)
    assert of_colour(image, SECOND).sum() > 1000
    assert not of_colour(image, FIRST).any()


def test_an_amount_between_two_gaps_is_still_seen(tmp_path: Path) -> None:
    alone = series("A", None, "5", None)
    image = pixels(lines(alone, series("B", "1", "1", "1")), tmp_path)
    assert of_colour(image, FIRST)[:, :1700].sum() > 50


def test_a_path_that_cannot_be_bought_is_pale_and_dashed_from_there_on(tmp_path: Path) -> None:
    usd = ["5.3"] * 5  # where no line of the grid stands
    whole = pixels(lines(series("A", *usd)), tmp_path)
    half = pixels(lines(series("A", *usd, notional_from=3)), tmp_path)
    left, right = spans(of_colour(whole, FIRST))[0]
    solid = of_colour(half, FIRST).any(axis=0)
    assert solid[left : left + (right - left) // 4].all()
    # the third value stands in the middle, and the stretch that leads to it is notional too
    assert not solid[left + (right - left) * 5 // 8 : right].any()
    # between two marks the line of the other half is broken
    row = int(of_colour(whole, FIRST).sum(axis=1).argmax())
    between = half[row, left + (right - left) * 13 // 16 : left + (right - left) * 15 // 16]
    white = (between == 255).all(axis=1)
    assert white.any()
    assert not white.all()


def test_marks_between_which_nothing_is_known_are_not_joined(tmp_path: Path) -> None:
    line = series("A", "5", "5", "5")
    joined = spans(of_colour(pixels(lines(line), tmp_path), FIRST))
    apart = spans(of_colour(pixels(lines(replace(line, joined=False)), tmp_path), FIRST))
    # the line and the piece of it beside its name, against three marks and one there
    assert (len(joined), len(apart)) == (2, 4)


def test_a_band_is_shaded_from_its_start_to_its_end(tmp_path: Path) -> None:
    band = Band(start=Decimal(2), end=Decimal(3), text="no path can be bought")
    image = pixels(replace(CROSSING, bands=(band,)), tmp_path)
    left, right = axis(image)
    shaded = np.flatnonzero(of_colour(image, SHADE).sum(axis=0) > 300)
    # the first value stands 30 to the right of where the axis begins
    assert shaded[0] == pytest.approx((left + 30 + right) / 2, abs=5)
    assert shaded[-1] == pytest.approx(right, abs=5)


def test_no_line_leads_from_the_plot_to_a_label(tmp_path: Path) -> None:
    """Six lines that end at one point have labels above each other, and between it and them stands nothing."""
    image = pixels(lines(*(series(f"path {n}", "1", "2") for n in range(6))), tmp_path)
    ink = (image < 250).any(axis=2)[400:1200]
    plot, *labels = spans(ink[:, 300:])
    assert labels[0][0] - plot[1] > 5


def test_a_line_that_ends_early_says_where_its_amount_stands(tmp_path: Path) -> None:
    """`at 2` behind the amount takes room from the plot."""
    names = ("a rather long name of a line", "B")
    early = lines(series(names[0], "1", "2", None), series(names[1], "1", "1", "1"))
    late = lines(series(names[0], "1", "2", "2"), series(names[1], "1", "1", "1"))
    ends = [axis(pixels(picture, tmp_path))[1] for picture in (early, late)]
    assert ends[1] - ends[0] > 50


def test_ordered_lines_go_through_a_row_of_colours(tmp_path: Path) -> None:
    picture = lines(series("1", "1", "1"), series("2", "2", "2"), series("3", "3", "3"))
    image = pixels(replace(picture, ordered=True), tmp_path)
    for colour in ((0x1B, 0x2A, 0x6B), (0x00, 0x80, 0x5D), (0xC4, 0x4E, 0x00)):
        assert of_colour(image, colour)[:, :1800].sum() > 1000
    assert not of_colour(image, FIRST).any()


def test_values_on_a_logarithmic_scale_are_as_far_apart_as_their_ratios(tmp_path: Path) -> None:
    line = Series(name="A", amounts=tuple(Amount(Decimal(x), Decimal(5)) for x in (1, 10, 100)))
    picture = replace(lines(replace(line, joined=False)), log_values=True)
    one, ten, hundred, _ = (left for left, _ in spans(of_colour(pixels(picture, tmp_path), FIRST)))
    assert ten - one == pytest.approx(hundred - ten, abs=2)


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


def test_the_name_of_a_crossing_covers_no_line(tmp_path: Path) -> None:
    crossing = Crossing(x=Decimal(2), usd=Decimal(2), text="Dedicated from 2 turns on")
    marked = replace(CROSSING, crossings=(crossing,))
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
    crossing = Crossing(x=Decimal(2), usd=Decimal(2), text=name)
    hostile = LinePicture(
        title=name,
        subtitle=name,
        x_label=name,
        y_label=name,
        series=(series(name, "1", "2", "3"), series(name, None)),
        values=(),
        crossings=(crossing, crossing),
        bands=(Band(start=Decimal(2), end=Decimal(3), text=name),),
        basis=name,
        footer=name,
    )
    margin = pixels(hostile, tmp_path)
    assert (margin[:, :80] == 255).all()
    assert (margin[:, -60:] == 255).all()


def test_a_line_break_in_a_name_is_a_space(tmp_path: Path) -> None:
    broken, whole = lines(series("a\r\n b", "1")), lines(series("a b", "1"))
    assert drawn(broken, tmp_path) == drawn(whole, tmp_path)


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
        lines(series("A", "0"), series("B", "1"), log=True),
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


# Draws into a file of at most four thousand bytes, as on a disk that is full then.
FULL = """
import resource, sys
from decimal import Decimal
from pathlib import Path
from bot.formatting.picture import Amount, LinePicture, Series
from bot.formatting.png import draw
line = Series(name="A", amounts=(Amount(Decimal(1), Decimal(1)),))
words = dict.fromkeys(("title", "subtitle", "x_label", "y_label", "basis", "footer"), "")
import matplotlib.backends.backend_agg
draw(LinePicture(series=(line,), values=(), **words), Path(sys.argv[1]).with_name("first.png"))
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
try:
    draw(LinePicture(series=(line,), values=(), **words), Path(sys.argv[1]))
except OSError as error:
    print(type(error).__name__)
"""


@pytest.mark.parametrize("before", [None, b"what was there"])
def test_on_a_full_disk_nothing_is_written_and_what_was_there_stays(
    before: bytes | None, tmp_path: Path
) -> None:
    file = tmp_path / "picture.png"
    if before is not None:
        file.write_bytes(before)
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(file)],
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        check=True,
    )
    assert run.stdout == "OSError\n"
    assert (file.read_bytes() if file.exists() else None) == before
    assert {each.name for each in tmp_path.iterdir()} - {"picture.png"} == {"first.png"}


def test_another_picture_in_its_place_keeps_the_permissions_and_the_link(tmp_path: Path) -> None:
    file, link = tmp_path / "picture.png", tmp_path / "link.png"
    file.write_bytes(b"what was there")
    file.chmod(0o640)
    link.symlink_to(file)
    draw(CROSSING, link)
    assert link.is_symlink()
    assert file.read_bytes().startswith(b"\x89PNG")
    assert file.stat().st_mode & 0o777 == 0o640


def test_matplotlib_is_loaded_to_draw_and_pyplot_never() -> None:
    script = (
        "import sys; from pathlib import Path; from decimal import Decimal as D; "
        "from bot.formatting.picture import *; from bot.formatting.png import draw; "
        "print('matplotlib' in sys.modules); "
        "line = Series(name='A', amounts=(Amount(D(1), D(1)),)); words = dict.fromkeys("
        "('title', 'subtitle', 'x_label', 'y_label', 'basis', 'footer'), ''); "
        "draw(LinePicture(series=(line,), values=(), **words), Path(sys.argv[1])); "
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
