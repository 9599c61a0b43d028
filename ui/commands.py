"""Commands as a reader can type them: the one of this installation, over the library that the page shows."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

from assistant.settings import Settings

NAME = "trade-assistant"
_QUOTED = re.compile(rf"`{NAME} ([a-z][^`]*)`")


def command(settings: Settings, action: str, *arguments: str) -> str:
    """Return a command that works in any folder and with any PATH.

    It starts with the console script beside this interpreter, where there is one, and names the data directory unless
    that is the default one.
    """
    script = Path(sys.executable).parent / NAME
    start = [str(script)] if script.exists() else [NAME]
    data = [] if settings.data_dir == _default_data_dir() else ["--data", str(settings.data_dir.absolute())]
    return shlex.join([*start, action, *arguments, *data])


def as_typed(text: str, settings: Settings) -> str:
    """Return `text` with every "`trade-assistant …`" in it as a command that works."""
    return _QUOTED.sub(lambda found: f"`{command(settings, *found[1].split())}`", text)


def _default_data_dir() -> Path:
    default: Path = Settings.model_fields["data_dir"].get_default(call_default_factory=True)
    return default
