"""Tables and columns of a page: lines cut into cells where the gaps are wide, and put in the order people read.

Most payment schedules in filed contracts are drawn without a rule, so a table is told by the gaps between words
and by lines that share a row. Only pages with such a cue are looked at closely. Ruled tables come first
(``pdf_grids``). Rows come out as lines whose ``lead`` says what stands before them.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from pipeline.readers.pdf_engine import Rect
from pipeline.readers.pdf_grids import grids_of
from pipeline.readers.pdf_text import CharacterBoxes, PageText, TableLines, TextLine

_PROPORTIONAL = 0.55
_WIDE = 1.2
"""A line set this much wider than its page's usual line, letter for letter, has a gap in it."""
_CAPITALS_WIDE = 1.75
_LOOKED_AT = 1.07
_GAP_HEIGHT = 1.0
_GAP_LETTERS = 2.6
_PROSE_LETTERS = 60
_RULES = 8
"""Fewer drawn paths make no table."""
_ENUMERATOR = re.compile(r"(?:\(?[A-Za-z0-9]{1,4}[.)]|\d{1,2}(?:\.\d{1,2})+\.?|[•·▪●○◦‣➢■□☐☒*–—-])$")
_LABEL = re.compile(r"(?:By|Name|Title|Date|Its|Signature|Signed|BY|NAME|TITLE|DATE)\s?:|_{5,}|/s/")
_NUMBERED = re.compile(
    r"(?:\(?[A-Za-z0-9]{1,4}[.)]|\d{1,2}(?:\.\d{1,2})+|(?:section|article|clause)\s\d)", re.IGNORECASE
)
_LOOSE, _TIGHT = 1.9, 1.45
"""Line distances, in heights, up to which a small letter and a capital may go on with a cell."""
_VALUE = re.compile(r"[$€£¥(]?\s?[\d.,]+%?\)?$")


def arrange(page: CharacterBoxes, result: PageText) -> None:
    """Find the tables of the page; its lines are put into rows and reading order in place."""
    lines = result.lines
    if len(lines) < 3:
        return
    usual = _usual(lines)
    if not _has_cue(result.text, lines, usual):
        if not _has_gutter(page, result.text, lines):
            return
        usual = 0.0  # look at every line
    ruled = [_Grid(cells) for cells in grids_of(page.strokes())] if page.path_count(_RULES) >= _RULES else []
    ruled = [grid for grid in ruled if grid.take(page, result.text, lines)]
    taken = {index: grid for grid in ruled for index in grid.lines}
    out: list[TextLine] = []
    tables: list[TableLines] = []
    waiting: list[TextLine] = []
    done: set[int] = set()
    for index, line in enumerate(lines):
        grid = taken.get(index)
        if grid is None:
            waiting.append(line)
        elif id(grid) not in done:
            done.add(id(grid))
            _flush(page, result.text, waiting, usual, out, tables)
            waiting = []
            tables.append(TableLines(len(out), len(out) + len(grid.rows_as_lines) - 1, ruled=True))
            out += grid.rows_as_lines
    _flush(page, result.text, waiting, usual, out, tables)
    for table in tables:
        after = table.last + 1
        if after < len(out) and not out[after].lead:
            out[after] = out[after]._replace(lead="\n")
    if out != lines:
        result.lines, result.tables, result.printed = out, tables, lines


def _usual(lines: Sequence[TextLine]) -> float:
    """How wide a letter usually is on the page, as a share of the line's height."""
    shares = sorted(
        (line[4] - line[2]) / ((line[1] - line[0]) * (line[5] - line[3]))
        for line in lines
        if line[1] - line[0] >= 10 and line[5] > line[3]
    )
    if not shares:
        return _PROPORTIONAL
    middle = shares[len(shares) // 2]
    # On a page that is one table every line has gaps. Typewriter letters are as wide, but all alike.
    alike = shares[len(shares) * 4 // 5] - shares[len(shares) // 5] < 0.02 * middle
    return middle if alike else min(middle, _PROPORTIONAL)


def _has_cue(text: str, lines: Sequence[TextLine], usual: float) -> bool:
    """Whether any two lines share a row, have a gap, or climb back up the page."""
    cues = 0
    limit, capital_limit = usual * _WIDE, usual * _CAPITALS_WIDE
    spaced = "   " in text
    previous_top, previous_right = -1.0, 0.0
    for start, end, x0, top, x1, bottom, _ in lines:
        count = end - start
        if top < previous_top + 2.0 and (top < previous_top - 2.0 or x0 > previous_right):
            cues += 1
        elif count >= 3 and bottom > top:
            share = (x1 - x0) / (count * (bottom - top))
            wide = share > limit and (share > capital_limit or not text[start:end].isupper())
            cues += wide or (spaced and "   " in text[start:end])
        if cues >= 2:
            return True
        previous_top, previous_right = top, x1
    return False


def _has_gutter(page: CharacterBoxes, text: str, lines: Sequence[TextLine]) -> bool:
    """Whether two of the longer lines have a gap about their middle: columns printed line by line across the page."""
    longer = sorted(lines, key=lambda line: line[0] - line[1])[:6]
    if len(longer) < 6:
        return False
    return all(_widest_gap(page, text, line, 0.3, 0.7) > _GAP_HEIGHT * (line[5] - line[3]) for line in longer[2:5:2])


def _widest_gap(page: CharacterBoxes, text: str, line: TextLine, begin: float, end: float) -> float:
    """The widest gap between words in a part (shares of its length) of the line, in points."""
    start, count = line[0], line[1] - line[0]
    if line[1] > page.count:
        return 0.0
    sides = [
        at + side
        for at in range(start + int(begin * count), start + int(end * count))
        if text[at] == " " and text[at - 1] != " " and text[at + 1] != " "
        for side in (-1, 1)
    ]
    return max((right - left for left, right in page.gaps(sides)), default=0.0)


def _flush(
    page: CharacterBoxes,
    text: str,
    lines: Sequence[TextLine],
    usual: float,
    out: list[TextLine],
    tables: list[TableLines],
) -> None:
    """Put out lines outside of ruled tables, with the tables among them."""
    pieces = [_cut(page, text, line, usual) for line in lines]
    tabular = _tabular(text, lines, pieces)
    at = 0
    for first, last in _regions(lines, tabular):
        out += lines[at:first]
        _region(page, text, lines[first : last + 1], pieces[first : last + 1], out, tables)
        at = last + 1
    out += lines[at:]


def _cut(page: CharacterBoxes, text: str, line: TextLine, usual: float) -> list[TextLine]:
    """The line in pieces, cut at its wide gaps; a number in front stays with what it numbers."""
    start, end, x0, top, x1, bottom, _ = line
    height = bottom - top
    if end > page.count or height <= 0 or end - start < 3:
        return [line]
    if (x1 - x0) / ((end - start) * height) < usual * _LOOKED_AT and "   " not in text[start:end]:
        return [line]
    sides: list[int] = []
    at = text.find(" ", start, end)
    while at > 0:
        after = at + 1
        while after < end and text[after] == " ":
            after += 1
        sides += (at - 1, after)
        at = text.find(" ", after, end)
    gaps = page.gaps(sides)
    spaces = sum(right - left for left, right in gaps)
    letters = end - start - sum(sides[index + 1] - sides[index] - 1 for index in range(0, len(sides), 2))
    widest = max(_GAP_HEIGHT * height, _GAP_LETTERS * (x1 - x0 - spaces) / max(1, letters))
    pieces: list[TextLine] = []
    for index, (left, right) in enumerate(gaps):
        if right - left > widest or right < left - height:
            cut = sides[2 * index] + 1
            if pieces or not _ENUMERATOR.match(text, start, cut):
                pieces.append(TextLine(start, cut, x0, top, left, bottom))
                start, x0 = sides[2 * index + 1], right
    pieces.append(TextLine(start, end, x0, top, x1, bottom))
    return pieces


def _tabular(text: str, lines: Sequence[TextLine], pieces: Sequence[Sequence[TextLine]]) -> list[bool]:
    """For each line whether it holds several cells or stands beside another line."""
    found = [len(cells) > 1 for cells in pieces]
    ranked = sorted(range(len(lines)), key=lambda index: lines[index][3])
    bare = [_ENUMERATOR.match(text, line[0], line[1]) is not None for line in lines]
    for place, index in enumerate(ranked):
        line = lines[index]
        low = line[3] + 0.6 * (line[5] - line[3])
        for other in ranked[place + 1 : place + 12]:
            beside = lines[other]
            if beside[3] >= low:
                break
            if (beside[2] > line[4] + 2.0 or line[2] > beside[4] + 2.0) and not (bare[index] or bare[other]):
                found[index] = found[other] = True
    return found


def _regions(lines: Sequence[TextLine], tabular: Sequence[bool]) -> list[tuple[int, int]]:
    """Runs of lines (first, last) that may be a table: few others between, and none of running prose."""
    regions: list[tuple[int, int]] = []
    first = last = -1
    for index, cells in enumerate(tabular):
        if cells:
            between = range(last + 1, index) if first >= 0 else range(0)
            prose = any(lines[other][1] - lines[other][0] > _PROSE_LETTERS for other in between)
            if first < 0:
                first = index
            elif len(between) > 3 or prose:
                regions.append((first, last))
                first = index
            last = index
    if first >= 0:
        regions.append((first, last))
    return [(begin, end) for begin, end in regions if end > begin]


def _region(
    page: CharacterBoxes,
    text: str,
    lines: Sequence[TextLine],
    pieces: Sequence[Sequence[TextLine]],
    out: list[TextLine],
    tables: list[TableLines],
) -> None:
    cells = [cell for line in pieces for cell in line]
    bands = _bands(cells)
    columns = _columns([cell for band in bands if len(band) > 1 for cell in band])
    if len(columns) < 2 or sum(len(band) > 1 for band in bands) < 2:
        out += lines
        return
    if _is_prose(text, cells, columns):
        if any(len(line) > 1 for line in pieces):
            out += sorted(cells, key=lambda cell: (_column(cell, columns), cell[3]))
        else:
            out += lines
        return
    if _is_signing(text, cells, columns):
        ordered = sorted(cells, key=lambda cell: (_column(cell, columns), cell[3], cell[2]))
        out += [cell._replace(lead="\n") for cell in ordered]
        return
    split = [part for cell in cells for part in _at_columns(page, text, cell, columns)]
    rows = _rows(text, _bands(split), columns)
    if sum(len(row) > 1 for row in rows) < 2:
        out += lines
        return
    first = len(out)
    out += _as_lines(rows)
    tables.append(TableLines(first, len(out) - 1, ruled=False))


def _bands(cells: Sequence[TextLine]) -> list[list[TextLine]]:
    """The pieces by height: each band is one line of print across the columns."""
    bands: list[list[TextLine]] = []
    low = 0.0
    for cell in sorted(cells, key=lambda cell: cell[3]):
        if bands and cell[3] < low:
            bands[-1].append(cell)
        else:
            bands.append([cell])
            low = cell[3] + 0.6 * (cell[5] - cell[3])
    return [sorted(band, key=lambda cell: cell[2]) for band in bands]


def _columns(cells: Sequence[TextLine]) -> list[tuple[float, float]]:
    """The columns: what is left of the width when all pieces are laid over one another."""
    columns: list[tuple[float, float]] = []
    for cell in sorted(cells, key=lambda cell: cell[2]):
        if columns and cell[2] < columns[-1][1] - 1.0:
            columns[-1] = (columns[-1][0], max(columns[-1][1], cell[4]))
        else:
            columns.append((cell[2], cell[4]))
    return columns


def _column(cell: TextLine, columns: Sequence[tuple[float, float]]) -> int:
    """The column a piece shares most of its width with; the nearest where it shares none."""
    shared = [min(cell[4], right) - max(cell[2], left) for left, right in columns]
    return max(range(len(columns)), key=shared.__getitem__)


def _at_columns(
    page: CharacterBoxes, text: str, cell: TextLine, columns: Sequence[tuple[float, float]]
) -> list[TextLine]:
    """A piece that reaches over into the next column is two cells whose gap is a mere space."""
    start, end, x0, top, x1, bottom, _ = cell
    if end > page.count:
        return [cell]
    lefts = [left for left, _ in columns if x0 + 2.0 < left < x1 - 2.0]
    own = max((left for left, _ in columns if left <= x0 + 2.0), default=x0)
    if not lefts or " " not in text[start:end]:
        return [cell]
    spaces = [at for at in range(start + 1, end - 1) if text[at] == " " and text[at - 1] != " " and text[at + 1] != " "]
    gaps = page.gaps([at + side for at in spaces for side in (-1, 1)])
    parts: list[TextLine] = []
    for at, (before, after) in zip(spaces, gaps, strict=True):
        left = max((left for left in lefts if left <= after + 2.0), default=own)
        if left > own and before <= left + 2.0:
            parts.append(TextLine(start, at, x0, top, before, bottom))
            start, x0, own = at + 1, after, left
    return [*parts, TextLine(start, end, x0, top, x1, bottom)]


def _is_prose(text: str, cells: Sequence[TextLine], columns: Sequence[tuple[float, float]]) -> bool:
    """Whether the columns are columns of running text, to be read one after the other."""
    if len(columns) > 3:
        return False
    by_column: list[list[TextLine]] = [[] for _ in columns]
    for cell in cells:
        by_column[_column(cell, columns)].append(cell)
    for column in by_column:
        if len(column) < 6 or median(cell[1] - cell[0] for cell in column) < 22:
            return False
        if sum(text[cell[0]].islower() for cell in column) < 0.3 * len(column):
            return False
    return True


def _is_signing(text: str, cells: Sequence[TextLine], columns: Sequence[tuple[float, float]]) -> bool:
    """Whether the columns are signature blocks beside one another."""
    labels = [0] * len(columns)
    for cell in cells:
        if _LABEL.match(text, cell[0], cell[1]):
            labels[_column(cell, columns)] += 1
    return sum(count >= 2 for count in labels) >= 2


Row = dict[int, list[TextLine]]


def _rows(text: str, bands: Sequence[Sequence[TextLine]], columns: Sequence[tuple[float, float]]) -> list[Row]:
    """Bands as rows; a band that goes on with a cell of the row above belongs to that row."""
    rows: list[Row] = []
    for band in bands:
        row: Row = {}
        for cell in band:
            row.setdefault(_column(cell, columns), []).append(cell)
        above = rows[-1] if rows else {}
        partial = len(row) < len(columns) or all(text[cells[0][0]].islower() for cells in row.values())
        if partial and all(
            _goes_on(text, above.get(column), cells[0], columns[column][1]) for column, cells in row.items()
        ):
            for column, cells in row.items():
                above[column] += cells
        else:
            rows.append(row)
    return rows


def _goes_on(text: str, above: Sequence[TextLine] | None, cell: TextLine, right: float) -> bool:
    """Whether a cell that ends at ``right`` at most goes on with this piece: by its letter, or for want of room."""
    if not above:
        return False
    last = above[-1]
    distance, height = cell[3] - last[3], last[5] - last[3]
    if _VALUE.match(text, cell[0], cell[1]) or _VALUE.match(text, last[0], last[1]):
        return False
    if text[cell[0]].islower():
        return distance <= _LOOSE * height
    if distance > _TIGHT * height or text[last[1] - 1] in ".:;" or _NUMBERED.match(text, cell[0], cell[1]):
        return False
    stop = text.find(" ", cell[0], cell[1])
    word = (stop if stop > 0 else cell[1]) - cell[0] + 1
    return last[4] + word * (cell[4] - cell[2]) / (cell[1] - cell[0]) > right


def _as_lines(rows: Sequence[Row]) -> list[TextLine]:
    out = []
    for row in rows:
        lead = "\n"
        for column in sorted(row):
            for cell in row[column]:
                out.append(cell._replace(lead=lead))
                lead = " "
            lead = "\t"
    return out


class _Grid:
    """A ruled table: its cells, and the lines that stand in them."""

    def __init__(self, cells: Sequence[Rect]) -> None:
        tops = sorted({cell.top for cell in cells})
        rows = [tops[0]]
        for before, top in pairwise(tops):
            if top - before > 2.0:
                rows.append(top)
        self._cells = sorted(cells, key=lambda cell: (_row_of(cell.top, rows), cell.x0))
        self._row = [_row_of(cell.top, rows) for cell in self._cells]
        self._area = Rect(
            min(cell.x0 for cell in cells),
            min(cell.top for cell in cells),
            max(cell.x1 for cell in cells),
            max(cell.bottom for cell in cells),
        )
        self.lines: list[int] = []
        self.rows_as_lines: list[TextLine] = []

    def take(self, page: CharacterBoxes, text: str, lines: Sequence[TextLine]) -> bool:
        """Put the lines inside the grid into its cells; False where that makes no table of data."""
        filled: dict[int, list[TextLine]] = {}
        for index, line in enumerate(lines):
            middle = (line.top + line.bottom) / 2
            if not (
                self._area.top < middle < self._area.bottom
                and self._area.x0 - 2 < (line.x0 + line.x1) / 2 < self._area.x1 + 2
            ):
                continue
            parts = self._parts(page, text, line)
            if parts:
                self.lines.append(index)
                for cell, part in parts:
                    filled.setdefault(cell, []).append(part)
        rows: dict[int, Row] = {}
        for cell in sorted(filled):
            row = rows.setdefault(self._row[cell], {})
            row[len(row)] = filled[cell]
        if sum(len(row) > 1 for row in rows.values()) < 2:
            return False
        self.rows_as_lines = _as_lines(list(rows.values()))
        return True

    def _parts(self, page: CharacterBoxes, text: str, line: TextLine) -> list[tuple[int, TextLine]]:
        """The line by cell: whole, or cut where it crosses a rule."""
        first, last = self._cell_at(line.x0 + 1, line), self._cell_at(line.x1 - 1, line)
        if first == last or line.end > page.count:
            return [(first, line)] if first is not None else []
        rects = page.char_rects(range(line.start, line.end))
        parts: list[tuple[int, TextLine]] = []
        for offset, rect in enumerate(rects):
            at = line.start + offset
            if text[at] == " ":
                continue
            cell = self._cell_at((rect.x0 + rect.x1) / 2, line)
            if cell is None:
                cell = parts[-1][0] if parts else first if first is not None else last
            if cell is None:
                continue
            if parts and parts[-1][0] == cell:
                parts[-1] = (cell, parts[-1][1]._replace(end=at + 1, x1=rect.x1))
            else:
                parts.append((cell, TextLine(at, at + 1, rect.x0, line.top, rect.x1, line.bottom)))
        return parts

    def _cell_at(self, x: float, line: TextLine) -> int | None:
        y = (line.top + line.bottom) / 2
        for index, cell in enumerate(self._cells):
            if cell.x0 - 1 <= x <= cell.x1 + 1 and cell.top - 1 <= y <= cell.bottom + 1:
                return index
        return None


def _row_of(top: float, rows: Sequence[float]) -> int:
    """The row whose rule a cell hangs from (rules within two points are one)."""
    return sum(top >= row for row in rows) - 1
