"""Work functions that do what bad documents do to a reader. Real deaths, not stand-ins."""

import ctypes
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path


def prepare() -> Callable[[str], str]:
    return do


def prepare_broken() -> Callable[[str], str]:
    raise SystemExit("the rules cannot be loaded")


def prepare_counting(path: str) -> Callable[[str], str]:
    with Path(path).open("a", encoding="utf-8") as log:
        log.write(f"{os.getpid()}\n")
    return do


def do(what: str) -> str:
    """Do what the item says, before the colon."""
    match what.split(":")[0]:
        case "sleep":
            time.sleep(3600)
        case "spin":
            while True:
                pass
        case "abort":
            os.abort()
        case "segfault":
            ctypes.string_at(0)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "allocate":
            return str(len(bytearray(64 * 1024**3)))
        case "exit":
            os._exit(7)
        case "abort once":
            marker = Path(what.split(":", 1)[1])
            if not marker.exists():
                marker.touch()
                os.abort()
        case "raise":
            raise LookupError("a defect of the work function")
        case "pid":
            return str(os.getpid())
        case "write":
            marker = Path(what.split(":", 1)[1])
            with marker.open("wb") as out:
                for _ in range(64):
                    out.write(bytes(1024 * 1024))
    return f"did {what}"
