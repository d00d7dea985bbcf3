"""What a line may do to the terminal that it is printed on: nothing. It knows characters, and not what they tell."""


def printable(line: str) -> str:
    """A line that does to a terminal what it says: control characters, and halves of surrogate pairs, as escapes."""
    if line.isprintable():
        return line
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in line)
