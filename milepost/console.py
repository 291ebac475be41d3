"""What commands print: results to stdout, everything else to stderr, progress only where a person looks."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

WIDTH = 160
"""Columns of a table that goes into a file or a pipe, where nobody says how wide it is."""


def stdout() -> Console:
    """Where results go."""
    return _console(stderr=False)


def stderr() -> Console:
    """Where messages and progress go."""
    return _console(stderr=True)


def tell(sentence: str) -> None:
    """A sentence for the person at the terminal; results go elsewhere."""
    print(sentence, file=sys.stderr)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if console.is_terminal or "COLUMNS" in os.environ:
        return console
    return Console(stderr=stderr, highlight=False, width=WIDTH)


@contextlib.contextmanager
def progress(what: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr if that is a terminal; call with (total, done)."""
    console = stderr()
    if quiet or not console.is_terminal:
        yield lambda _total, _done: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        bar = bars.add_task(what, total=None)
        yield lambda total, done: bars.update(bar, total=total, completed=done)


def shorten(text: str, length: int) -> str:
    """``text`` on one line, cut after ``length`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
