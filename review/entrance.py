"""The doors of the application: who comes in, by which way, and what is turned away."""

from fastapi import FastAPI

from review import own_account, signing_in
from review.oidc import SignInService
from review.permissions import Access, answer_refusals
from review.security import Guard, Perimeter
from review.signing_in import SigningIn
from review.throttle import Throttle


def install(
    app: FastAPI,
    access: Access,
    perimeter: Perimeter,
    *,
    service: SignInService | None = None,
    throttle: Throttle | None = None,
    base_url: str | None = None,
) -> None:
    """Give an application its doors: the middleware, sign-in and its pages, and answers to those who may not.

    ``base_url``: the address as browsers know it (``https://milepost.example.com``), for the way back from the OpenID
    provider; without it, that of the request.
    """
    app.state.access = access
    app.state.signing_in = SigningIn(throttle or Throttle(), service, base_url)
    app.include_router(signing_in.router)
    app.include_router(own_account.router)
    answer_refusals(app)
    app.add_middleware(Guard, perimeter=perimeter)
