"""A short id for everything that goes wrong, the same on the page and in the log: the one leads to the other."""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
from contextlib import suppress

from assistant.errors import AssistantError

_log = logging.getLogger(__name__)
_ID_BYTES = 4
_ATTRIBUTE = "incident"
_MAX_STANDING = 10_000
_standing: set[str] = set()
_standing_lock = threading.Lock()


class UnexpectedError(AssistantError):
    """A defect: what went wrong inside is in the log, not in this message."""


def incident(error: BaseException, where: str) -> str:
    """Return the id of this error; the first time it is asked for, the error is put into the log under it.

    `where` says what was being done. A defect is logged with its traceback, an error of ours in one line.
    """
    known = getattr(error, _ATTRIBUTE, None)
    if isinstance(known, str):
        return known
    found = secrets.token_hex(_ID_BYTES)
    # An error that cannot be changed is logged anew, under another id, each time it is shown.
    with suppress(AttributeError):
        setattr(error, _ATTRIBUTE, found)
    is_ours = isinstance(error, AssistantError)
    _log.log(
        logging.WARNING if is_ours else logging.ERROR,
        "error %s: %s: %s",
        found,
        _one_line(where),
        _one_line(f"{type(error).__name__}: {_words(error)}"),
        exc_info=None if is_ours else error,
    )
    return found


def unexpected(error: Exception, where: str) -> UnexpectedError:
    """Return what a reader is told of a defect, under the id that the log has it by."""
    told = UnexpectedError("something went wrong inside, and it is not your doing")
    setattr(told, _ATTRIBUTE, incident(error, where))
    return told


def standing(key: str, where: str, words: str) -> str:
    """Return the id of something that stays wrong, a run that failed for one: it is logged once, however often shown.

    `key` tells it from all others; every process that is given it comes to the same id.
    """
    found = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[: 2 * _ID_BYTES]
    with _standing_lock:
        is_known = found in _standing
        if len(_standing) >= _MAX_STANDING:
            _standing.clear()
        _standing.add(found)
    if not is_known:
        _log.warning("error %s: %s: %s", found, _one_line(where), _one_line(words))
    return found


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - what a library's error says of itself is code of its own; its traceback is logged
        return "it cannot say what it is"


def _one_line(text: str) -> str:
    """Return the text as it stands on one line of a log: nobody can write a line of their own into it."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
