"""What went wrong, as a page or as a part of one. The JSON API answers its own errors."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from review.errors import Forbidden, Invalid, NotFound, ReviewError, StaleVersion
from review.refusals import refusal
from store.errors import StoreError

_STATUS: dict[type[ReviewError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Forbidden: HTTPStatus.FORBIDDEN,
    StaleVersion: HTTPStatus.CONFLICT,
}


def install(app: FastAPI) -> None:
    """Have the application say in words what cannot be done."""

    @app.exception_handler(ReviewError)
    def _review(request: Request, error: Exception) -> Response:
        assert isinstance(error, ReviewError)
        return refusal(request.scope, _STATUS.get(type(error), HTTPStatus.BAD_REQUEST), error.message)

    @app.exception_handler(StoreError)
    def _store(request: Request, error: Exception) -> Response:
        return refusal(request.scope, HTTPStatus.SERVICE_UNAVAILABLE, str(error))

    @app.exception_handler(RequestValidationError)
    def _fields(request: Request, _: Exception) -> Response:
        return refusal(
            request.scope, HTTPStatus.UNPROCESSABLE_ENTITY, "The request was incomplete. Load the page again."
        )

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        status = HTTPStatus(error.status_code)
        words = "There is no such page." if status is HTTPStatus.NOT_FOUND else str(error.detail)
        return refusal(request.scope, status, words, headers=error.headers)
