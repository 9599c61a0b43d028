"""Commands as a reader can type them: the one of this installation, over the library that the page shows."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.settings import Settings

NAME = "trade-assistant"
_QUOTED = re.compile(rf"`{NAME} ([a-z][^`]*)`")


def command(settings: Settings, *words: str, is_on_path: bool = False) -> str:
    """Return a command that works in any folder and with any PATH, or with this terminal's if `is_on_path`.

    It starts with the console script beside this interpreter, where there is one, and names the data directory unless
    that is the default one.
    """
    script = Path(sys.executable).parent / NAME
    is_plain = not script.exists() or (is_on_path and shutil.which(NAME) == str(script))
    data = [] if settings.data_dir == _default_data_dir() else ["--data", str(settings.data_dir.absolute())]
    return shlex.join([NAME if is_plain else str(script), *words, *data])


def as_typed(text: str, settings: Settings, *, is_on_path: bool = False) -> str:
    """Return `text` with every "`trade-assistant …`" in it as a command that works."""
    return _QUOTED.sub(lambda found: f"`{command(settings, *found[1].split(), is_on_path=is_on_path)}`", text)


def _default_data_dir() -> Path:
    from assistant.settings import Settings

    default: Path = Settings.model_fields["data_dir"].get_default(call_default_factory=True)
    return default
