"""One frozen settings object, made at the edge of a process and passed down.

Every setting is an environment variable `TRADE_ASSISTANT_<NAME>`; nothing is read when this module is imported.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from pydantic import BeforeValidator, Field, NonNegativeInt, PositiveFloat, PositiveInt, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from assistant.domain import Strictness
from assistant.errors import SettingsError

PACKAGED_MODEL = "all-MiniLM-L6-v2"


def _parts(value: object) -> object:
    """Split "a, b" as it stands in a variable."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_parts)]


class Settings(BaseSettings):
    """What a user may change. Read with `load_settings`, which turns bad values into a `SettingsError`."""

    model_config = SettingsConfigDict(env_prefix="TRADE_ASSISTANT_", frozen=True, extra="ignore")

    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("trade-assistant", appauthor=False)),
        description="folder of the library and the vectors",
    )
    cache_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("trade-assistant", appauthor=False)),
        description="folder of the exported embedding model",
    )
    embedding_model: str = Field(
        default=PACKAGED_MODEL,
        description="the packaged model's name, a folder, or a name in the local Hugging Face cache",
    )
    reranker: str | None = Field(
        default=None,
        description="a cross-encoder that orders the best passages: a folder, or a name in the local Hugging Face "
        "cache; unset: none",
    )
    entailment_model: str | None = Field(
        default=None,
        description="a cross-encoder with the labels entailment, contradiction and neutral that checks claims too: a "
        "folder, or a name in the local Hugging Face cache; unset: none",
    )
    chat_model: str | None = Field(
        default=None, description='"provider:model" for LangChain\'s init_chat_model; unset: exact quotes, no LLM'
    )
    chat_base_url: str | None = Field(default=None, description="address of an OpenAI-compatible server")
    chat_timeout_s: PositiveFloat = Field(default=60.0, description="seconds a chat model may take for one answer")
    stale_after_days: NonNegativeInt = Field(
        default=180, description="days; an answer whose newest source is older says so, 0: never"
    )
    strictness: Strictness = Field(
        default=Strictness.BALANCED,
        description="lenient, balanced or strict: how sure it has to be that a question can be answered",
    )
    max_file_bytes: PositiveInt = Field(default=50_000_000, description="bytes; larger files are not read")
    allow_private_addresses: bool = Field(
        default=False, description="fetch also from this computer and from private networks, an intranet for example"
    )
    federal_register_url: str = Field(
        default="https://www.federalregister.gov/api/v1", description="address of the Federal Register's API"
    )
    embedding_threads: PositiveInt | None = Field(
        default=None, description="CPU threads for embedding; unset: all cores"
    )
    address: str = Field(default="127.0.0.1", description="address of this computer that `chat` serves the page on")
    allowed_hosts: Names = Field(
        default_factory=tuple, description="further names, with commas, that the page answers to; *: any"
    )
    allow_without_sign_in: bool = Field(
        default=False, description="serve the page on other addresses than this computer's own although nobody signs in"
    )
    sign_in_metadata_url: str | None = Field(
        default=None, description="address of the OpenID Connect provider's openid-configuration; unset: no sign-in"
    )
    sign_in_client_id: str | None = Field(default=None, description="what the provider knows this page as")
    sign_in_client_secret: SecretStr | None = Field(default=None, description="the secret shared with the provider")
    sign_in_cookie_secret: SecretStr | None = Field(
        default=None, description="signs who is signed in: at least 32 random characters"
    )
    sign_in_redirect_uri: str = Field(
        default="http://localhost:{port}/oauth2callback", description="the page's address, with /oauth2callback"
    )
    sign_in_scope: str = Field(default="openid email profile", description="what the provider is asked to tell")
    sign_in_hours: PositiveFloat = Field(default=12.0, description="hours until somebody has to sign in again")
    role_claim: str | None = Field(default=None, description="claim whose values `editors` and `readers` may name")
    editors: Names = Field(
        default_factory=tuple, description="e-mail addresses, or values of the role claim, with commas: who may reindex"
    )
    readers: Names = Field(default_factory=tuple, description="the same for who may only read and ask; *: everybody")


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment; an override that is None counts as not given.

    Raises SettingsError that names the variable and its problem.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    return _made(**given) if given else _of_environment(frozenset(os.environ.items()))


@lru_cache(maxsize=1)
def _of_environment(_variables: frozenset[tuple[str, str]]) -> Settings:
    """Return the settings of an environment; a page asks for them many times while it is drawn."""
    return _made()


def _made(**given: Any) -> Settings:
    try:
        return Settings(**given)
    except ValidationError as err:
        problems = "; ".join(
            f"TRADE_ASSISTANT_{'_'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
            for problem in err.errors()
        )
        raise SettingsError(f"a setting cannot be used: {problems}") from err
