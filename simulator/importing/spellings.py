"""How an id that was seen could have been made, and how its spelling elsewhere comes from it.

Knows the words of `ids:` in a scenario. Does NOT know where an id was seen.
"""

import re
from typing import Final

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def raw_of(seen: str) -> str:
    """The id as our sources would have made it: they write hexadecimal digits and UUIDs in small letters."""
    lower = seen.lower()
    is_hexadecimal = re.fullmatch(r"[0-9a-f]+", lower) or _UUID.fullmatch(lower)
    return lower if is_hexadecimal and seen in {lower, seen.upper()} else seen


def source_of(raw: str) -> str:
    """What makes ids that look so: `hex 8`, `decimal 10`, `uuid`; else `constant ...`."""
    if _UUID.fullmatch(raw):
        return "uuid"
    size = len(raw)
    if re.fullmatch(r"\d{1,64}", raw, re.ASCII):
        return f"decimal {size}"
    if re.fullmatch(r"[0-9a-f]{1,64}", raw):
        return f"hex {size}"
    if re.fullmatch(r"[A-Za-z0-9]{1,64}", raw, re.ASCII):
        return f"letters {size}"
    return f"constant {raw}"


def spelling(raw: str, shown: str) -> str | None:
    """The steps that turn an id into what was shown; None where no such steps are known. `same` changes nothing."""
    if not shown or re.search(r"\s", raw + shown):
        return None if shown else "empty"
    if raw == shown:
        return "same"
    return _other_letters(raw, shown) or _other_radix(raw, shown) or _more_or_less(raw, shown)


def _other_letters(raw: str, shown: str) -> str | None:
    if shown == raw.upper():
        return "upper"
    if shown.replace("-", "").lower() == raw.replace("-", "").lower():
        steps = "strip-hyphens" if "-" in raw else "hyphens"
        return f"{steps} upper" if shown == shown.upper() and raw != raw.upper() else steps
    return None


def _other_radix(raw: str, shown: str) -> str | None:
    """The same number in decimal or hexadecimal, with zeros in front or without."""
    if not (re.fullmatch(r"[0-9A-Fa-f]{1,64}", raw) and re.fullmatch(r"[0-9A-Fa-f]{1,64}", shown)):
        return None
    width = f" pad {len(shown)}" if shown[0] == "0" else ""
    if shown.isdecimal() and int(raw, 16) == int(shown):
        return f"decimal{width}"
    if raw.isdecimal() and int(raw) == int(shown, 16):
        return f"hex{' upper' if shown != shown.lower() else ''}{width}"
    if raw.lstrip("0").lower() == shown.lstrip("0").lower():
        upper = "upper " if shown != shown.lower() and raw != shown else ""
        return f"{upper}strip-zeros" if len(shown) < len(raw) else f"{upper}pad {len(shown)}"
    return None


def _more_or_less(raw: str, shown: str) -> str | None:
    """Something before or behind it, or only its beginning."""
    before, found, behind = shown.partition(raw)
    if found:
        steps = [f"prefix {before}"] if before else []
        return " ".join([*steps, f"suffix {behind}"] if behind else steps)
    return f"cut {len(shown)}" if raw.startswith(shown) else None


__all__ = ["raw_of", "source_of", "spelling"]
