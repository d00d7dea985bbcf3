"""Shows the carrier at work: independent ESMEs bind, thousands of messages go out, and every one is accounted for.

Starts `carrier-sim serve`, sends messages in many languages by smpplib, takes receipts and subscribers' messages, and
compares what was sent with what was answered, receipted and kept. On a terminal it then serves on until Ctrl-C.

Exit status: 0 the books agree, 1 they differ, 2 wrong usage, 3 could not run, 130 interrupted before the end.
"""

import argparse
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # started as a program, this folder is the path

COULD_NOT_RUN = 3
INTERRUPTED = 130
MESSAGES_MAX = 50_000
"""More would not be kept by the carrier, whose ring has 100,000 rows, beside what else comes."""


def count(text: str) -> int:
    """A number of messages. Raises argparse's error."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 4 <= number <= MESSAGES_MAX:
        raise argparse.ArgumentTypeError(f"{text!r}, must be 4 to {MESSAGES_MAX:,}: each of four accounts sends some")
    return number


def options_from(arguments: list[str] | None) -> argparse.Namespace:
    """The command line, checked."""
    parser = argparse.ArgumentParser(prog="scripts/run", description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--messages", type=count, default=3000, metavar="N", help="how many messages (default 3000)")
    parser.add_argument("--seed", type=int, default=2026, metavar="N", help="the same seed gives the same messages")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures and all differences there")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run the tour; returns the exit status."""
    options = options_from(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        # Here and not above: this takes half a second, in which Ctrl-C shall end in no traceback either.
        from scripts.served import CannotRun
        from scripts.tour import run

        try:
            return run(options)
        except CannotRun as error:
            print(f"scripts/run: {error}", file=sys.stderr)
            return COULD_NOT_RUN
    except KeyboardInterrupt:
        print("\ninterrupted before the end: nothing was compared", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
