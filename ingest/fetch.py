"""Polite and guarded HTTP: one door to everything that is not on this computer's disk.

Addresses come from feeds, redirects and users, so each is hostile until checked: a name is resolved here, every answer
is checked, and the connection goes to the very address that was checked, so that no second answer can lead elsewhere.
Servers are hostile too: time, bytes, redirects and what packed bytes unpack to are limited. And they are guests' hosts:
robots.txt and Retry-After are obeyed, one request at a time goes to a host, with a pause after each (RFC 9309, 9110).
"""

from __future__ import annotations

import ipaddress
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import TYPE_CHECKING, Any

from assistant.errors import FetchError
from assistant.records import NO_VALIDATORS, Validators
from assistant.settings import Settings
from ingest.addresses import FORBIDDEN, Resolver, addresses_of, checked_url, refusal
from ingest.unpack import unpacker

if TYPE_CHECKING:
    import httpcore
    import httpx
    from protego import Protego

    from ingest.connections import Deadline

# The token that a site's robots.txt names to speak to this program.
ROBOTS_TOKEN = "TradePolicyAssistant"
USER_AGENT = f"{ROBOTS_TOKEN}/0.1 (personal article library; obeys robots.txt)"
MAX_ROBOTS_BYTES = 512_000  # RFC 9309 asks for at least 500 KiB
ROBOTS_AGE_S = 3_600.0
# One that could not be read may be there again soon; until then each page of the site fails at once.
FAILED_ROBOTS_AGE_S = 60.0
# Text packs about 1:20 at best; deflate can reach 1:1032, and only data made for it does.
MAX_RATIO = 200
RATIO_FREE_BYTES = 1_000_000
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})
_REASONS = {
    401: "it asks for a sign-in: save the page from your browser and add the file",
    402: "it asks for payment: save the page from your browser and add the file",
    403: "the site refuses programs or visitors without a sign-in: save the page from your browser and add the file",
    404: "there is no such page: check the address",
    407: "a proxy asks for a sign-in",
    410: "the page was taken down for good",
    429: "the site asks to be left alone for a while",
    451: "the page is withheld for legal reasons",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came from an address: `url` after redirects, `data` unpacked, `charset` as the server named it."""

    url: str
    data: bytes
    media_type: str
    charset: str | None
    validators: Validators


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may take. All in seconds but `attempts` and `redirects`, which are counts.

    `deadline_s` holds for one request however slowly its bytes drip; `max_wait_s` is the longest that a Retry-After is
    waited for; `pause_s` lies between two requests to a host, `max_crawl_delay_s` if its robots.txt asks for more.
    """

    connect_s: float = 10.0
    read_s: float = 20.0
    deadline_s: float = 120.0
    attempts: int = 4
    backoff_s: float = 1.0
    max_wait_s: float = 60.0
    redirects: int = 10
    pause_s: float = 1.0
    max_crawl_delay_s: float = 30.0


class Fetcher:
    """Fetch addresses; may be shared by threads. Close it, or use it in a `with` statement.

    `resolve`, `connector`, `sleep`, `monotonic` and `now` are the outside world; tests bring their own.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        limits: Limits = Limits(),
        resolve: Resolver | None = None,
        connector: httpcore.NetworkBackend | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._limits = limits
        self._resolve = resolve or addresses_of
        self._connector = connector
        self._sleep, self._monotonic, self._now = sleep, monotonic, now
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}
        self._sites: dict[str, _Site] = {}
        self._trusted: ssl.SSLContext | None = None
        self._is_closed = False

    def get(
        self,
        url: str,
        *,
        validators: Validators = NO_VALIDATORS,
        accept: str = "*/*",
        max_bytes: int | None = None,
        check: Callable[[str, str], object] | None = None,
        is_interface: bool = False,
    ) -> Fetched | None:
        """Fetch an address and follow its redirects; None if its server says it is unchanged (304).

        `max_bytes` defaults to the setting for files. `check` is called with the final address and the media type
        before the body is read and may raise FetchError. `is_interface` is for addresses that are made for programs,
        which robots.txt is not about. Raises FetchError with a reason for the user.
        """
        order = _Order(validators, accept, max_bytes or self._settings.max_file_bytes, check)
        return self._follow(checked_url(url), order, is_interface=is_interface)

    def close(self) -> None:
        """Refuse everything from now on; no connection outlives its request."""
        self._is_closed = True

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _follow(self, url: httpx.URL, order: _Order, *, is_interface: bool) -> Fetched | None:
        seen = [str(url)]
        while True:
            delay_s = self._pause_s(url) if is_interface else self._allowed_delay(url)
            found = self._persistently(url, order, delay_s)
            if not isinstance(found, _Redirect):
                return found
            url = _redirected(url, found.location)
            if str(url) in seen:
                raise FetchError(f"its redirects go round in a circle: {_short(url)} comes again")
            if len(seen) > self._limits.redirects:
                raise FetchError(f"it redirects more than {self._limits.redirects} times")
            seen.append(str(url))

    def _persistently(self, url: httpx.URL, order: _Order, delay_s: float) -> Fetched | _Redirect | None:
        """Ask, and ask again after what may pass by itself."""
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

        limits = self._limits
        backoff = wait_exponential_jitter(initial=limits.backoff_s, max=limits.max_wait_s, jitter=limits.backoff_s)

        def wait(state: Any) -> float:
            asked = state.outcome.exception().wait_s
            return backoff(state) if asked is None else float(asked)

        retrying = Retrying(
            retry=retry_if_exception_type(_Passing),
            stop=stop_after_attempt(limits.attempts),
            wait=wait,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(self._once, url, order, delay_s)
        except _Passing as err:
            raise FetchError(f"{err} (tried {limits.attempts} times)", retry_at=err.retry_at) from err

    def _once(self, url: httpx.URL, order: _Order, delay_s: float) -> Fetched | _Redirect | None:
        host = self._host(url.host)
        with host.lock:
            self._check_open(host)
            if (wait_s := host.free_at - self._monotonic()) > 0:
                self._sleep(wait_s)
            try:
                return self._exchange(url, order, host)
            finally:
                host.free_at = self._monotonic() + delay_s

    def _check_open(self, host: _Host) -> None:
        if self._is_closed:
            raise FetchError("fetching was ended")
        if host.closed_until is not None and self._now() < host.closed_until:
            raise FetchError(
                f"{host.name} asks to be left alone until {_clock_time(host.closed_until)}", retry_at=host.closed_until
            )

    def _exchange(self, url: httpx.URL, order: _Order, host: _Host) -> Fetched | _Redirect | None:
        """Make one request on a connection of its own."""
        import httpcore
        import httpx

        from ingest.connections import Deadline

        deadline = Deadline(self._monotonic, self._monotonic() + self._limits.deadline_s)
        timeout = httpx.Timeout(self._limits.read_s, connect=self._limits.connect_s)
        cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        try:
            with (
                httpx.Client(
                    transport=self._transport(url, deadline), timeout=timeout, cookies=cookies, trust_env=False
                ) as client,
                client.stream("GET", url, headers=order.headers()) as response,
            ):
                return self._read(response, order, host, deadline)
        except (httpcore.TimeoutException, httpx.TimeoutException) as err:
            if deadline.is_over:
                raise FetchError(
                    f"the server sends too slowly: not done after {self._limits.deadline_s:g} seconds"
                ) from err
            raise _Passing("the server does not answer in time") from err
        except httpcore.ConnectError as err:
            if isinstance(err.__cause__, ssl.SSLError) or "certificate" in str(err).lower():
                raise FetchError(f"no secure connection is possible: {_one_line(err)}") from err
            raise _Passing(f"no connection to {url.host}: {_one_line(err)}") from err
        except (httpcore.NetworkError, httpcore.ProtocolError) as err:
            raise _Passing(f"the connection broke off before the answer was complete: {_one_line(err)}") from err
        except (httpx.HTTPError, httpx.InvalidURL, httpcore.UnsupportedProtocol) as err:
            raise FetchError(f"it cannot be fetched: {_one_line(err)}") from err

    def _transport(self, url: httpx.URL, deadline: Deadline) -> httpx.BaseTransport:
        import httpx

        from ingest.connections import CheckedTransport

        with self._lock:
            if url.scheme == "https" and self._trusted is None:
                self._trusted = httpx.create_ssl_context(trust_env=False)
        return CheckedTransport(self._checked_addresses, deadline, self._trusted, connector=self._connector)

    def _checked_addresses(self, host: str, port: int) -> Sequence[str]:
        """Resolve a name and check every answer. Raises FetchError if there is none, or one that is not allowed."""
        try:
            addresses = list(dict.fromkeys(self._resolve(host, port)))
        except (OSError, UnicodeError) as err:
            raise _Passing(f"the name {host} is not known, or there is no network: {_one_line(err)}") from err
        if not addresses:
            raise _Passing(f"the name {host} is not known")
        for address in addresses:
            reason = refusal(address, allow_private=self._settings.allow_private_addresses)
            if reason is not None:
                raise _Guarded(f"{host} is {reason}, which is not fetched from")
        return addresses

    def _read(
        self, response: httpx.Response, order: _Order, host: _Host, deadline: Deadline
    ) -> Fetched | _Redirect | None:
        status = response.status_code
        if status == 304 and order.validators != NO_VALIDATORS:
            return None
        if status in _REDIRECTS:
            return _Redirect(response.headers.get("location", ""))
        if status in _RETRYABLE:
            raise self._passing(response, host)
        if status != 200:
            raise _Refused(_REASONS.get(status, f"the server answers with status {status}"), status)
        media_type, charset = _content_type(response.headers.get("content-type", ""))
        if order.check is not None:
            order.check(str(response.url), media_type)
        return Fetched(
            url=str(response.url.copy_with(fragment=None)),
            data=_body(response, order.max_bytes, deadline),
            media_type=media_type,
            charset=charset,
            validators=Validators(etag=_header(response, "etag"), last_modified=_header(response, "last-modified")),
        )

    def _passing(self, response: httpx.Response, host: _Host) -> Exception:
        """Return the error of a status that may pass: one to try again, or one that says when."""
        status = response.status_code
        reason = _REASONS.get(status, f"the server has trouble (status {status})")
        now = self._now()
        wait_s = _retry_after_s(response.headers.get("retry-after"), now)
        if wait_s is None:
            return _Passing(reason)
        retry_at = now + timedelta(seconds=wait_s)
        if wait_s <= self._limits.max_wait_s:
            return _Passing(reason, wait_s=wait_s, retry_at=retry_at)
        host.closed_until = retry_at
        return FetchError(f"{reason}: not before {_clock_time(retry_at)}", retry_at=retry_at)

    def _host(self, name: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(name.lower(), _Host(name.lower()))

    def _allowed_delay(self, url: httpx.URL) -> float:
        """Return the pause a site asks for. Raises FetchError if its robots.txt keeps programs from this address."""
        site = self._site(url)
        with site.lock:
            longest_s = FAILED_ROBOTS_AGE_S if isinstance(site.robots, FetchError) else ROBOTS_AGE_S
            if site.robots is None or self._monotonic() - site.read_at > longest_s:
                site.robots, site.read_at = self._robots(url), self._monotonic()
            robots = site.robots
        if isinstance(robots, _Guarded):
            raise _Guarded(str(robots))
        if isinstance(robots, FetchError):
            raise FetchError(
                f"its robots.txt cannot be read, so nothing is fetched: {robots}", retry_at=robots.retry_at
            )
        if not robots.can_fetch(str(url), ROBOTS_TOKEN):
            raise FetchError("the site's robots.txt keeps programs from this page: save it from your browser instead")
        asked = robots.crawl_delay(ROBOTS_TOKEN) or 0.0
        return min(max(asked, self._pause_s(url)), self._limits.max_crawl_delay_s)

    def _pause_s(self, url: httpx.URL) -> float:
        return 0.0 if _is_this_computer(url.host) else self._limits.pause_s

    def _site(self, url: httpx.URL) -> _Site:
        with self._lock:
            return self._sites.setdefault(f"{url.scheme}://{url.netloc.decode('ascii')}", _Site())

    def _robots(self, url: httpx.URL) -> Protego | FetchError:
        """Read a site's robots.txt: none means everything is allowed, one that cannot be read means not now."""
        from protego import Protego

        where = url.copy_with(raw_path=b"/robots.txt", fragment=None)
        order = _Order(NO_VALIDATORS, "text/plain, */*", MAX_ROBOTS_BYTES, None)
        try:
            found = self._follow(where, order, is_interface=True)
        except _Refused as err:
            return Protego.parse("") if 400 <= err.status < 500 else err
        except FetchError as err:
            return err
        return Protego.parse("" if found is None else found.data.decode("utf-8", "replace"))


@dataclass(slots=True)
class _Host:
    """What is remembered of a host, guarded by its lock: when it may be asked again."""

    name: str
    lock: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0.0
    closed_until: datetime | None = None


@dataclass(slots=True)
class _Site:
    """The robots.txt of a scheme, host and port, or why it cannot be read."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    robots: Protego | FetchError | None = None
    read_at: float = 0.0


@dataclass(frozen=True, slots=True)
class _Order:
    """What is asked for, whichever address a redirect leads to."""

    validators: Validators
    accept: str
    max_bytes: int
    check: Callable[[str, str], object] | None

    def headers(self) -> dict[str, str]:
        wanted = {
            "User-Agent": USER_AGENT,
            "Accept": self.accept,
            "Accept-Encoding": "gzip, deflate",
            "Accept-Language": "en, *;q=0.5",
            "Connection": "close",
            "If-None-Match": self.validators.etag,
            "If-Modified-Since": self.validators.last_modified,
        }
        return {name: value for name, value in wanted.items() if value}


@dataclass(frozen=True, slots=True)
class _Redirect:
    location: str


class _Refused(FetchError):
    """A status that says no; robots.txt tells apart which."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status


class _Guarded(FetchError):
    """An address that must not be connected to."""


class _Passing(Exception):
    """A failure that may pass by itself; `wait_s` is how long the server asks to wait."""

    def __init__(self, reason: str, *, wait_s: float | None = None, retry_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.wait_s, self.retry_at = wait_s, retry_at


def _redirected(url: httpx.URL, location: str) -> httpx.URL:
    import httpx

    if not location:
        raise FetchError("it redirects without saying where")
    if FORBIDDEN.search(location):
        raise FetchError(
            f"it redirects to an address with a blank, a backslash or a control character: {location[:100]!r}"
        )
    try:
        target = url.join(location)
    except (httpx.InvalidURL, ValueError, UnicodeError) as err:
        raise FetchError(f"it redirects to what is no web address: {location[:100]!r}") from err
    checked = checked_url(str(target))
    if url.scheme == "https" and checked.scheme == "http":
        raise FetchError(f"it redirects from https to the unprotected {_short(checked)}")
    return checked


def _body(response: httpx.Response, max_bytes: int, deadline: Deadline) -> bytes:
    """Read the body to its end, unpacked. Raises FetchError if it is too large, cut short or badly packed."""
    too_large = f"it is larger than {max_bytes:,} bytes; the limit is TRADE_ASSISTANT_MAX_FILE_BYTES"
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and len(announced) < 20 and int(announced) > max_bytes:
        raise FetchError(too_large)
    unpack = unpacker(response.headers.get("content-encoding", ""))
    parts: list[bytes] = []
    received = total = 0
    for part in response.iter_raw():
        received += len(part)
        for piece in unpack.pieces(part):
            total += len(piece)
            if total > max_bytes:
                raise FetchError(too_large)
            if total > RATIO_FREE_BYTES and total > MAX_RATIO * received:
                raise FetchError(f"it unpacks to more than {MAX_RATIO} times its size, as no article does")
            parts.append(piece)
        deadline.left()
    if not unpack.is_whole:
        raise _Passing("the packed answer is cut short")
    return b"".join(parts)


def _content_type(header: str) -> tuple[str, str | None]:
    message = Message()
    message["Content-Type"] = header[:200] or "application/x-missing"
    charset = message.get_param("charset")
    media_type = message.get_content_type() if header else ""
    return media_type, charset.strip().lower() or None if isinstance(charset, str) else None


def _header(response: httpx.Response, name: str) -> str | None:
    """Return a header to be sent back later, None if it is missing or no line of ASCII."""
    value: str = response.headers.get(name, "")
    return value if value and len(value) <= 1_000 and value.isascii() and value.isprintable() else None


def _retry_after_s(header: str | None, now: datetime) -> float | None:
    """Read a Retry-After header: seconds, or an HTTP date; None if it says nothing usable."""
    value = (header or "").strip()
    if value.isascii() and value.isdecimal() and len(value) < 9:
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def _is_this_computer(host: str) -> bool:
    """Say whether an address names this computer outright: its own server needs no pauses."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _clock_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _short(url: httpx.URL) -> str:
    return str(url)[:100]


def _one_line(err: BaseException) -> str:
    return (" ".join(str(err).split()) or type(err).__name__)[:200]
