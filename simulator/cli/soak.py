"""The command ``carrier-sim soak``: random worlds in virtual time, and the smallest one in which something fails.

Words become plans and findings words; what must hold of a world is the harness's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.ends import BAD, fail

if TYPE_CHECKING:
    from simulator.harness.soak.shrinking import Found


def soak(
    *,
    seed: Annotated[int | None, typer.Option(help="Of the first world; without this one that is picked, and told.")] = (
        None
    ),
    days: Annotated[float, typer.Option(min=0.001, max=366, help="How many days of the carrier's a world lasts.")] = 1,
    worlds: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many: each has the next seed.")] = 1,
    messages: Annotated[
        int, typer.Option(min=1, max=10_000_000, help="How many messages gateways have to send in a world.")
    ] = 10_000,
    without: Annotated[
        list[str] | None, typer.Option(metavar="PART", help="Leave a part out of it, as a smaller world is told.")
    ] = None,
    is_whole: Annotated[bool, typer.Option("--whole", help="Do not look for a smaller world that fails.")] = False,
) -> None:
    """Play random worlds in virtual time, and check what must hold of any: accounts, networks, faults, traffic.

    Nothing is opened: gateways and the carrier exchange octets in memory. The same seed is the same world. One that
    fails is taken apart until it is as small as can be, and the command that shows it again is printed; exit code 1.
    """
    from random import SystemRandom

    from simulator.harness.soak.plan import Plan
    from simulator.harness.soak.shrinking import run, shrink

    first = SystemRandom().randrange(1_000_000) if seed is None else seed
    with _progress(worlds) as advance:
        for number in range(worlds):
            plan = Plan(first + number, days, messages, frozenset(without or ()))
            if unknown := sorted(plan.without - plan.all_parts):
                fail(f"--without {unknown[0]}: world {plan.seed} has no such part; it has {', '.join(plan.parts())}")
            found = run(plan, advance)
            _tell(found)
            if found.breaches:
                smallest = found if is_whole else shrink(found, _tell_smaller)
                _tell_breach(smallest)
                raise typer.Exit(BAD)


def _tell_smaller(found: "Found") -> None:
    """A smaller world fails as well."""
    typer.echo(f"smaller: {found.plan.command}", err=True)


def _tell(found: "Found") -> None:
    """One line of a world."""
    counts, plan = found.counts, found.plan
    told = ", ".join(f"{counts.get(kind, 0):,} {kind}" for kind in ("submitted", "concluded", "receipt_sent", "bound"))
    typer.echo(f"seed {plan.seed}: {told} in {found.seconds:.1f} s: {found.check or 'all held'}")


def _tell_breach(found: "Found") -> None:
    """What did not hold, and how to see it again."""
    from simulator.control.terminal import printable

    breach = found.breaches[0]
    typer.echo(f"{breach.check}: {printable(breach.told)}")
    for line in breach.story:
        typer.echo(f"    {printable(line)}")
    typer.echo(f"its parts: {', '.join(found.plan.parts()) or 'none'}")
    typer.echo(f"{found.plan.command} --whole")


@contextmanager
def _progress(worlds: int) -> Iterator[Callable[[float], None]]:
    """A bar over the worlds, on a terminal; what it yields is told how much of one of them is over."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("living", total=float(worlds))
        lived = [0.0, 0.0]

        def advance(share: float) -> None:
            if share < lived[1]:
                # the next world
                lived[0] += 1.0
            lived[1] = share
            progress.update(task, completed=lived[0] + share)

        yield advance


__all__ = ["soak"]
