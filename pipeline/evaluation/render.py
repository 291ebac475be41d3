"""An evaluation as text for a terminal."""

from collections.abc import Iterator

from pipeline.evaluation.report import SKIP_PRECISION, Figures, Report
from pipeline.evaluation.speed import Speed


def render(report: Report) -> str:
    """All tables of a report."""
    return "\n".join(_lines(report))


def render_terms(title: str, report: Report) -> str:
    """The table of the terms alone, and its parts by contract type, under another title."""
    return "\n".join([*_figures(title, report.terms, abstention=True), "", *_types(report)]).lstrip("\n")


def render_milestones(title: str, report: Report) -> str:
    """The tables of the milestones alone, under a title of their own."""
    tables = (("milestones found", report.found), ("milestones timed", report.timed))
    return "\n".join([title, *(line for name, rows in tables for line in _figures(name, rows, abstention=False))])


def render_speed(speed: Speed) -> str:
    """The speed in one line."""
    return (
        f"{speed.words:,} words; on one core {speed.reading:,.0f} words/s read, {speed.understanding:,.0f} words/s "
        f"understood ({speed.median:,.0f} in the median contract)"
    )


def _lines(report: Report) -> Iterator[str]:
    yield f"contracts {report.contracts}, read {report.read}"
    yield from _figures("terms", report.terms, abstention=True)
    for title, rows in (("milestones found", report.found), ("milestones timed", report.timed)):
        if rows:
            yield from _figures(title, rows, abstention=False)
    yield ""
    yield from _types(report)
    yield ""
    yield f"{'by rule':56s} {'hits':>6s} {'errors':>7s} {'precision':>10s}"
    for rule in sorted(report.rules, key=lambda rule: (-rule.errors, rule.rule)):
        yield f"  {rule.rule:54.54s} {rule.hits:6d} {rule.errors:7d} {rule.precision:10.3f}"


def _types(report: Report) -> Iterator[str]:
    yield f"{'by contract type':40s} {'P':>6s} {'R':>6s} {'F1':>6s} {'values':>7s}"
    for name, counts in sorted(report.types.items(), key=lambda row: -(row[1].tp + row[1].fn)):
        figures = f"{counts.precision:6.3f} {counts.recall:6.3f} {counts.f1:6.3f}"
        yield f"  {name:38.38s} {figures} {counts.tp + counts.fn:7d}"


def _figures(title: str, rows: dict[str, Figures], *, abstention: bool) -> Iterator[str]:
    yield ""
    skip = f"at {SKIP_PRECISION:.0%}"
    head = f"{title:26s} {'P':>6s} {'R':>6s} {'F1':>6s} {'95 % interval':>15s} {'ECE':>6s} {skip:>7s}"
    yield head + (f" {'abstained':>10s}" if abstention else "")
    for name, row in rows.items():
        counts = row.counts
        line = (
            f"  {name:24s} {counts.precision:6.3f} {counts.recall:6.3f} {counts.f1:6.3f} "
            f"{row.low:7.3f}-{row.high:.3f}  {row.calibration_error:6.3f} {row.coverage:7.1%}"
        )
        yield line + (f" {row.abstained:10.1%}" if abstention else "")
