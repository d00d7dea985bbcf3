"""How the command ends: its exit codes, and the one line that says why."""

from typing import Final, NoReturn

import typer

BAD: Final = 1
WRONG: Final = 2
COULD_NOT_RUN: Final = 3


def fail(reason: str, code: int = WRONG) -> NoReturn:
    """Say why on standard error and end with that exit code."""
    typer.echo(f"carrier-sim: {reason}", err=True)
    raise typer.Exit(code)


__all__ = ["BAD", "COULD_NOT_RUN", "WRONG", "fail"]
