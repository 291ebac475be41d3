"""``milepost status``: what became of every file of a batch."""

import csv
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.text import Text

from milepost.console import stdout
from milepost.settings import load_settings
from milepost.tables import plain_table
from milepost.wiring import use_config
from pipeline.document import printable
from pipeline.export import BOM, safe_cell
from pipeline.listing import Listing
from store.engine import open_engine, reading
from store.ledger import Manifest, find_batch, list_batches, manifest
from store.tables import Batch, LedgerState

COLUMNS = ("path", "state", "category", "reason", "duplicate_of", "attempts", "seconds", "sha256")
READ = (LedgerState.DONE, LedgerState.DUPLICATE, LedgerState.UNPACKED)


def run(prefix: str | None, data: Path | None, config: Path | None, *, as_csv: bool, as_json: bool) -> None:
    """Print the manifest of a batch, the newest if none is named."""
    use_config(config)
    settings = load_settings(data_dir=data)
    engine = open_engine(settings.url)
    with reading(engine) as session:
        account = manifest(session, find_batch(session, prefix).id)
        batches = list_batches(session)
    engine.dispose()
    if as_csv:
        _write_csv(account)
    elif as_json:
        json.dump(manifest_json(account), sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        console = stdout()
        console.print(manifest_view(account))
        if len(batches) > 1 and prefix is None:
            console.print(_batches_view(batches))


def manifest_json(account: Manifest, listing: Listing | None = None) -> dict[str, Any]:
    """The manifest for programs."""
    rows = [{name: _plain(getattr(row, name)) for name in COLUMNS} for row in account.rows]
    counts = {str(state): number for state, number in account.counts.items()}
    left_aside = [{"path": printable(path), "reason": reason} for path, reason in listing.left_aside] if listing else []
    return {
        "batch": account.batch_id,
        "root": printable(account.root),
        "ruleset_version": account.ruleset_version,
        "model_version": account.model_version,
        "finished": account.finished,
        "clean": account.clean,
        "files": account.files,
        "counts": counts,
        "left_aside": left_aside,
        "rows": rows,
    }


def manifest_view(account: Manifest, listing: Listing | None = None) -> RenderableType:
    """The manifest for people: the sum, and every file that was not read with its reason."""
    named = [f"{number} {state.replace('_', ' ')}" for state, number in account.counts.items() if number]
    noun = "file" if account.files == 1 else "files"
    total = f"{account.files} {noun}" + (f" = {' + '.join(named)}" if named else "")
    parts: list[RenderableType] = [
        Text.assemble(("Batch ", "bold"), account.batch_id[:8], "  ", printable(account.root)),
        Text(total, "green" if account.clean and account.finished else "yellow"),
    ]
    if not account.finished:
        parts.append(Text("Not finished; run the same milepost onboard again.", "yellow"))
    if listing and listing.left_aside:
        parts.append(Text(f"Left aside: {len(listing.left_aside)} hidden, lock or system files."))
    unread = [row for row in account.rows if row.state not in READ or (row.category and row.state in READ[:1])]
    if unread:
        base = os.path.commonpath([Path(row.path).parent for row in account.rows])
        table = plain_table("File", "State", "Reason")
        for row in unread:
            state = "partly read" if row.state is LedgerState.DONE else row.state.replace("_", " ")
            table.add_row(escape(_below(row.path, base)), state, escape(row.reason or ""))
        parts.append(table)
    return Group(*parts)


def _batches_view(batches: Sequence[Batch]) -> RenderableType:
    table = plain_table("Batch", "Begun", "Files", "State", "Of")
    for batch in batches:
        begun = f"{batch.created_at:%Y-%m-%d %H:%M} UTC"
        table.add_row(batch.id[:8], begun, str(batch.files), str(batch.state), escape(printable(batch.root)))
    return Group(Text(), table)


def _write_csv(account: Manifest) -> None:
    sys.stdout.write(BOM)
    writer = csv.writer(sys.stdout, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in account.rows:
        writer.writerow([safe_cell(_plain(getattr(row, name))) for name in COLUMNS])


def _plain(value: Any) -> Any:
    return printable(str(value)) if isinstance(value, str) else value


def _below(path: str, base: str) -> str:
    return printable(os.path.relpath(path, base))
