"""Hosts and ports as people write them, and which of them only this machine can reach. It opens nothing."""

from ipaddress import ip_address

Address = tuple[str, int]
"""Host and port."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def address_from(text: str, option: str) -> Address:
    """HOST:PORT, [IPV6]:PORT. Raises ValueError naming the option."""
    host, colon, port = text.rpartition(":")
    is_bracketed = host.startswith("[") and host.endswith("]")
    bare = host[1:-1] if is_bracketed else host
    if not colon or not bare or (not is_bracketed and not {":", "[", "]"}.isdisjoint(bare)):
        raise ValueError(f"{option}: {text!r}, must be HOST:PORT, as in 127.0.0.1:2775 or [::1]:2775")
    try:
        # what a look-up of the name does first
        bare.encode("idna")
    except UnicodeError as error:
        raise ValueError(f"{option}: host {bare!r}: {error}; must be a name or an address") from error
    if not (port.isascii() and port.isdecimal()) or int(port) > 65535:
        raise ValueError(f"{option}: port {port!r}, must be 0 to 65535")
    return bare, int(port)


def shown(host: str, port: int) -> str:
    """HOST:PORT, with an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
