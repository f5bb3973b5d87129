"""Durations, lists of names and counts as text, for all sentences."""

from collections.abc import Sequence


def duration(seconds: float) -> str:
    """`0.8 s`, `19 s`, `3 min 12 s`, `12 min`, `3 h 5 min`, `2 d 4 h`: two units at most."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 1:
        return f"{rest} s"
    hours, minutes_left = divmod(minutes, 60)
    if hours < 1:
        return _two(f"{minutes} min", rest, "s")
    days, hours_left = divmod(hours, 24)
    return _two(f"{hours} h", minutes_left, "min") if days < 1 else _two(f"{days} d", hours_left, "h")


def _two(first: str, rest: int, unit: str) -> str:
    return f"{first} {rest} {unit}" if rest else first


def joined(names: Sequence[str]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def count(value: int, one: str, many: str | None = None) -> str:
    """`1 retry`, `3 retries`, `1,200 runs`."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def were(number: int) -> str:
    return "was" if number == 1 else "were"
