"""What a check holds against a claim: how much support that leaves it, and why, in words a reader can check himself.

The reason names what is wrong as the claim writes it, so that it can be looked for in the cited passage.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.domain import Support


@dataclass(frozen=True, slots=True)
class Finding:
    """One objection to a claim."""

    support: Support
    reason: str


def wrong(reason: str) -> Finding:
    """Return a finding that leaves a claim unsupported."""
    return Finding(Support.UNSUPPORTED, reason)


def doubtful(reason: str) -> Finding:
    """Return a finding that leaves a claim supported in part."""
    return Finding(Support.PARTIAL, reason)


def absent(written: str) -> str:
    """Return the reason for something that only the claim has."""
    return f"“{written}” is not in the cited passage"
