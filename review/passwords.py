"""Passwords: Argon2id hashes, checked in the same time whether or not there is such an account."""

import functools
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST = 12
LONGEST = 1000

_AT_ONCE = BoundedSemaphore(4)
"""One hash takes 64 MiB and a quarter of a second: many at once would be a way to stop the server."""


class WeakPasswordError(Exception):
    """The password cannot be taken; the message says why."""


def hash_password(password: str, *, name: str = "") -> str:
    """The hash to keep. Raises WeakPasswordError for a password that is too short, too long, or the user's name."""
    if len(password) < SHORTEST:
        raise WeakPasswordError(f"A password has at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise WeakPasswordError(f"A password has at most {LONGEST} characters.")
    if len(set(password)) < 4 or (name and name.casefold() in password.casefold() and len(password) < 2 * len(name)):
        raise WeakPasswordError("This password is too easily guessed.")
    with _AT_ONCE:
        return _hasher().hash(_bytes(password))


def check_password(password: str, kept: str | None) -> tuple[bool, str | None]:
    """Whether it is the password of the ``kept`` hash, and a new hash to keep if that one is of an older kind.

    Without a kept hash (no such account, or one without a password) the answer is no, after as long a while.
    """
    if len(password) > LONGEST:
        return False, None
    with _AT_ONCE:
        try:
            right, better = _hasher().verify_and_update(_bytes(password), kept or _nobodys())
        except UnknownHashError:
            return False, None
    return (right, better) if kept else (False, None)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


@functools.cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(),))


@functools.cache
def _nobodys() -> str:
    return _hasher().hash("a password that nobody has")
