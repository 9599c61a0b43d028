"""What a person who signed in may do: read and ask, or also reindex and manage sources.

The lists of readers and editors name e-mail addresses, and values of a claim that the provider states (groups, roles).
Who stands in neither gets no role and sees nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.settings import Settings

EVERYONE = "*"
"""In the list of readers: whoever can sign in with the provider."""


class Role(StrEnum):
    """What somebody may do."""

    READER = "reader"
    EDITOR = "editor"


def role_of(claims: Mapping[str, object], settings: Settings) -> Role | None:
    """Return the role of the person that these claims of an identity token describe, None if they have none.

    An e-mail address counts only where the provider says that it is verified: elsewhere anybody could enter another's.
    """
    names = _address(claims) | _values(claims, settings.role_claim)
    if names & _listed(settings.editors) - {EVERYONE}:
        return Role.EDITOR
    readers = _listed(settings.readers)
    return Role.READER if EVERYONE in readers or names & readers else None


def _listed(names: Collection[str]) -> set[str]:
    return {name.casefold() if "@" in name else name for name in names}


def _address(claims: Mapping[str, object]) -> set[str]:
    address = claims.get("email")
    is_verified = claims.get("email_verified") is True
    return {address.casefold()} if is_verified and isinstance(address, str) and "@" in address else set()


def _values(claims: Mapping[str, object], claim: str | None) -> set[str]:
    """Return the values of a claim, which is named whole or, inside another, with dots ("realm_access.roles").

    A value that looks like an e-mail address is none: it could not be told from a verified one.
    """
    if not claim:
        return set()
    found: object = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    values = [found] if isinstance(found, str) else found if isinstance(found, list | tuple) else []
    return {value for value in values if isinstance(value, str) and "@" not in value}
