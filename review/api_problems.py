"""How the JSON API fails: every error is a problem (RFC 9457) that says what to do next."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse, Response

from models.problem import DocumentError
from review.api_shapes import ProblemOut
from review.errors import Forbidden, Invalid, NotFound, ReviewError, StaleVersion
from store.errors import StoreError

MEDIA_TYPE = "application/problem+json"

_STATUS: dict[type[ReviewError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Forbidden: HTTPStatus.FORBIDDEN,
    StaleVersion: HTTPStatus.PRECONDITION_FAILED,
}


class PreconditionRequired(ReviewError):  # noqa: N818 - its status's name
    """A decision came without the version that it is about."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Send the {what}'s ETag as If-Match, so that you decide on what you saw.")


class ProblemRoute(APIRoute):
    """A route whose errors are problems."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, within which every expected error is answered."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                return _invalid(error)
            except PreconditionRequired as error:
                return problem(HTTPStatus.PRECONDITION_REQUIRED, error.message)
            except ReviewError as error:
                return _review(error)
            except StoreError as error:
                return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
            except DocumentError as error:
                return problem(HTTPStatus.CONFLICT, error.problem.message)

        return handled


def problem(status: HTTPStatus, detail: str, **more: Any) -> Response:
    """An error of that status, in a sentence."""
    content = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    return JSONResponse(content | more, status, media_type=MEDIA_TYPE)


def errors(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Errors of a route for the OpenAPI document."""
    schema = {"$ref": f"#/components/schemas/{ProblemOut.__name__}"}
    return {
        status.value: {"description": status.phrase, "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses
    }


def answers() -> dict[int | str, dict[str, Any]]:
    """The errors that every route has."""
    return errors(
        HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY
    )


GONE = errors(HTTPStatus.NOT_FOUND)
"""Errors of a route about one thing, which there may not be."""

STALE = errors(HTTPStatus.NOT_FOUND, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED)
"""Errors of a route that changes one thing, which may have changed."""


def _review(error: ReviewError) -> Response:
    status = _STATUS.get(type(error), HTTPStatus.BAD_REQUEST)
    if isinstance(error, StaleVersion):
        return problem(status, error.message, version=error.item.version, decided_by=error.decided_by)
    if isinstance(error, Invalid) and error.field:
        return problem(status, error.message, errors=[{"field": error.field, "message": error.message}])
    return problem(status, error.message)


def _invalid(error: RequestValidationError) -> Response:
    faults = [
        {"field": ".".join(str(part) for part in fault["loc"]), "message": str(fault["msg"])}
        for fault in error.errors()
    ]
    detail = "; ".join(f"{fault['field']}: {fault['message']}" for fault in faults[:3])
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail or "The request cannot be used.", errors=faults)
