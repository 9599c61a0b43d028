"""Which web addresses may be fetched at all: plain http and https ones that lead out of this computer and its network.

A name is judged by what it resolves to, all of it, and by the IPv4 address that an IPv6 one carries inside. What counts
as special is what IANA's registries say (Python's `ipaddress`), and the metadata addresses of clouds.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from assistant.errors import FetchError

if TYPE_CHECKING:
    import httpx

MAX_URL_CHARS = 2_000
# White space, control characters and backslashes are where two readers of one address come to different hosts.
FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\]")

Resolver = Callable[[str, int], Sequence[str]]


def checked_url(url: str) -> httpx.URL:
    """Return the address to ask for, without its fragment. Raises FetchError for what is no plain web address."""
    import httpx

    if len(url) > MAX_URL_CHARS:
        raise FetchError(f"the address is longer than {MAX_URL_CHARS:,} characters")
    if FORBIDDEN.search(url):
        raise FetchError(f"the address holds a blank, a backslash or a control character: {url[:100]!r}")
    try:
        parsed = httpx.URL(url)
        host, port = parsed.host, parsed.port
    except (httpx.InvalidURL, ValueError, UnicodeError) as err:
        raise FetchError(f"it is no web address: {url[:100]!r}") from err
    if parsed.scheme not in ("http", "https"):
        raise FetchError(f"only http and https addresses are fetched, not {url[:100]!r}")
    if not host or not 0 < (443 if port is None else port) < 65_536:
        raise FetchError(f"the address names no host or port: {url[:100]!r}")
    if parsed.userinfo:
        raise FetchError("the address holds a user name or password: those are not sent")
    return parsed.copy_with(fragment=None)


# Where clouds tell their machines secrets, as far as Python's `ipaddress` calls it private or global. What is
# link-local is refused as such: 169.254.170.2 of AWS containers, fe80::a9fe:a9fe of OpenStack.
_METADATA = [
    ipaddress.ip_network(network)
    for network in (
        "169.254.169.254",
        "100.100.100.200",  # Alibaba
        "fd00:100::100:200",  # Alibaba
        "fd00:ec2::/32",  # AWS: machines, containers, names, time
        "168.63.129.16",  # Azure
        "fd20:ce::254",  # Google
        "fd00:a9fe:a9fe::1",  # Linode
        "192.0.0.192",  # Oracle
        "fd00:c1::a9fe:a9fe",  # Oracle
        "fd00:42::42",  # Scaleway
    )
]
_GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_SHARED = ipaddress.IPv4Network("100.64.0.0/10")
_RELAYS = ipaddress.IPv4Network("192.88.99.0/24")


def refusal(address: str, *, allow_private: bool = False) -> str | None:
    """Say what kind of address it is if it must not be fetched from; None if it may.

    `allow_private` lets through this computer and private networks, and never the rest: link-local and metadata
    addresses belong to the machine's own administration.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "no valid address"
    if any(found in network for network in _METADATA):
        return f"a metadata address ({address})"
    if isinstance(found, ipaddress.IPv6Address) and (inner := _embedded(found)) is not None:
        return refusal(str(inner), allow_private=allow_private)
    if found.is_unspecified or found.is_multicast:
        return f"an address of no single computer ({address})"
    if found.is_link_local:
        return f"a link-local address ({address})"
    if found.is_loopback:
        return None if allow_private else f"this computer itself ({address})"
    if _is_private_network(found):
        return None if allow_private else f"on a private network ({address})"
    if not found.is_global or found.is_reserved or found in _RELAYS:
        return f"a reserved address ({address})"
    if isinstance(found, ipaddress.IPv6Address) and found not in _GLOBAL_IPV6:
        return f"a reserved address ({address})"
    return None


def literal_refusal(host: str, *, allow_private: bool = False) -> str | None:
    """Say why a host that is written in figures, or is this computer by name, must not be fetched from, else None.

    Nothing is looked up: what any other name leads to is found out, and judged, when it is fetched.
    """
    if f".{host.rstrip('.').lower()}".endswith(".localhost"):
        return refusal("127.0.0.1", allow_private=allow_private)
    try:
        # As a connection reads it: "127.1" and "0x7f000001" are addresses too.
        numeric = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None
    return refusal(str(numeric[0][4][0]), allow_private=allow_private)


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 one leads to: mapped, compatible, NAT64, 6to4 or Teredo."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


_PRIVATE = [ipaddress.ip_network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")]


def _is_private_network(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address in network for network in (*_PRIVATE, _SHARED))


def addresses_of(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order to try them. Raises OSError if it has none."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(answer[4][0]) for answer in answers]
