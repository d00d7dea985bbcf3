"""Print uv.lock's versions as constraints for pip: `pins.py uv.lock`.

Knows the lock's format. A package that the lock holds in several versions (one per Python or platform) is left to pip.
"""

import sys
import tomllib
from collections import Counter
from pathlib import Path


def pins(lock: str) -> list[str]:
    """`name==version` of every package that the lock's text holds in exactly one version."""
    packages = [package for package in tomllib.loads(lock)["package"] if "registry" in package["source"]]
    versions = Counter(package["name"] for package in packages)
    return [f"{package['name']}=={package['version']}" for package in packages if versions[package["name"]] == 1]


if __name__ == "__main__":
    print(*pins(Path(sys.argv[1]).read_text(encoding="utf-8")), sep="\n")
