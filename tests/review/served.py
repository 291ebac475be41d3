"""The JSON API behind the real doors, with a contract whose text is at hand."""

import hashlib
from pathlib import Path

from fastapi import FastAPI
from httpx import Client
from sqlalchemy import Engine
from typing_extensions import override
from upath import UPath

from models.actor import Role, Scope
from models.source import Box, Page, PageOrigin, Section, SourceText, Span
from review import api, web_errors
from review.entrance import install
from review.library import Library, Reader
from review.permissions import Access
from review.security import LOOPBACK_NAMES, Perimeter
from review.services import Services
from store import accounts
from store.blobs import BlobStore
from store.engine import writing
from tests.review.desk import milestones, outcome, read, terms
from tests.review.doors import Clock, program

ADDED = "Supplier shall return all moulds within ten days after the end of the term."


def text() -> str:
    """The contract of the desk as a text, each passage at its place, and one that the program missed."""
    passages = [evidence for values in (terms(), milestones()) for value in values for evidence in value.evidence]
    letters = [" "] * 1200
    for evidence in passages:
        letters[evidence.start : evidence.end] = evidence.quote
    letters[900 : 900 + len(ADDED)] = ADDED
    return "".join(letters)


class PlainReader(Reader):
    """Reads a file that is nothing but text, on one page."""

    @property
    @override
    def version(self) -> str:
        return "1"

    @override
    def read(self, name: str, data: bytes) -> SourceText:
        said = data.decode()
        page = Page(1, 0, len(said), 595, 842, PageOrigin.TEXT)
        return SourceText(said, (page,), (), sections=(Section(880, len(said), "12.3", "Moulds", 1),))

    @override
    def sizes(self, data: bytes) -> list[tuple[float, float]]:
        return [(595, 842)]

    @override
    def draw(self, data: bytes, page: int) -> bytes:
        return b""

    @override
    def locate(self, data: bytes, source: SourceText, page: int, spans: list[Span]) -> list[Box | None]:
        return [None for _ in spans]


def application(engine: Engine, folder: Path, *, hosts: frozenset[str] = LOOPBACK_NAMES) -> FastAPI:
    """The API as the web application has it."""
    library = Library(BlobStore(UPath(folder / "documents")), PlainReader(), folder / "pictures")
    app = FastAPI(openapi_url=None, version="1.2.3")
    app.state.services = Services(engine, library, Clock())
    app.include_router(api.router)
    web_errors.install(app)
    install(app, Access(engine, Clock()), Perimeter(hosts=hosts))
    return app


def read_with_text(engine: Engine, folder: Path) -> str:
    """Store the contract of the desk with its document; its id."""
    data = text().encode()
    BlobStore(UPath(folder / "documents")).put(data)
    return read(engine, outcome().model_copy(update={"sha256": hashlib.sha256(data).hexdigest()}))


def signed_in(engine: Engine, app: FastAPI, name: str = "anna", role: Role = Role.REVIEWER) -> Client:
    """A program with a token of somebody in that role."""
    with writing(engine) as session:
        account = accounts.add_account(session, name, role, now=Clock().now, display_name=name.title())
        token = accounts.issue_token(session, account, "test", [Scope.ADMIN], now=Clock().now)
    return program(app, token)
