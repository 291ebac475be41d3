"""Ruled tables: the grids that drawn lines make on a page.

pdfplumber's table finder does the geometry (join lines, cross them, close cells). It gets the lines from PDFium:
letting pdfplumber read the page itself costs a hundred times as much, all of it for characters we have already.
"""

from collections.abc import Sequence

from pipeline.readers.pdf_engine import Rect

_THIN = 1.5
_SHORTEST = 3.0
_TOLERANCE = 3.0
_MOST_EDGES = 400
_MOST_CROSSINGS = 3000


def grids_of(strokes: Sequence[Rect]) -> list[list[Rect]]:
    """The tables of at least two cells that the strokes draw, each as its cells; from top to bottom."""
    edges = [edge for stroke in strokes if (edge := _edge(stroke)) is not None]
    if sum(edge["orientation"] == "v" for edge in edges) < 2 or sum(edge["orientation"] == "h" for edge in edges) < 2:
        return []
    # Imported here: it brings pdfminer along, and most documents have no ruled table.
    from pdfplumber import table

    merged = table.merge_edges(edges, _TOLERANCE, _TOLERANCE, _TOLERANCE, _TOLERANCE)
    if len(merged) > _MOST_EDGES:
        return []
    crossings = table.edges_to_intersections(merged, _TOLERANCE, _TOLERANCE)
    if len(crossings) > _MOST_CROSSINGS:
        return []
    cells = table.intersections_to_cells(crossings)
    return [[Rect(*cell) for cell in cells] for cells in table.cells_to_tables(cells)]


def _edge(stroke: Rect) -> dict[str, float | str] | None:
    """A stroke in the form the table finder takes; None for slanted and tiny ones."""
    x0, top, x1, bottom = stroke
    width, height = x1 - x0, bottom - top
    if height <= _THIN and width >= _SHORTEST:
        orientation = "h"
        bottom = top
    elif width <= _THIN and height >= _SHORTEST:
        orientation = "v"
        x1 = x0
    else:
        return None
    return {
        "orientation": orientation,
        "x0": x0,
        "x1": x1,
        "top": top,
        "bottom": bottom,
        "width": x1 - x0,
        "height": bottom - top,
    }
