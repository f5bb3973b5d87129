"""InfluxQL's words: text -> tokens, and a cursor over them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^'\\\n]|\\.)*')
      | (?P<name>"(?:[^"\\\n]|\\.)*")
      | (?P<word>[A-Za-z_]\w*)
      | (?P<duration>-?(?:\d+(?:ns|ms|[uµsmhdw]))+)
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<symbol><=|>=|!=|<>|[<>=(),;*+-])
    )""",
    re.VERBOSE,
)
_ESCAPES = re.compile(r"\\(.)")


class ParseError(Exception):
    """Told to the client after "error parsing query: "."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word; quotes and escapes are off `text` already."""

    kind: str
    text: str
    position: int

    def is_word(self, word: str) -> bool:
        """Keywords are the same in capitals and not."""
        return self.kind == "word" and self.text.upper() == word


def tokens(text: str) -> list[Token]:
    """All of them, and one of kind `end`."""
    found, position, end = [], 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            stray = text[position:end].lstrip()
            raise ParseError(f"found {stray[0]}, expected something else at line 1, char {end - len(stray) + 1}")
        found.append(_token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        position = match.end()
    return [*found, Token("end", "EOF", end)]


def _token(kind: str, text: str, position: int) -> Token:
    if kind in {"string", "name"}:
        text = _ESCAPES.sub(lambda escape: "\n" if escape[1] == "n" else escape[1], text[1:-1])
    return Token(kind, text, position)


class Cursor:
    """Takes tokens one by one, or says what it found and what it expected."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._at = 0

    @property
    def ahead(self) -> Token:
        """The next token, not taken yet."""
        return self._tokens[self._at]

    def take(self, *kinds: str) -> Token:
        """The next token, which must be of one of these kinds."""
        token = self.ahead
        if token.kind not in kinds:
            raise self.unexpected(", ".join(kinds))
        self._at += 1
        return token

    def symbol(self, text: str) -> bool:
        """Take this symbol if it comes next."""
        return self._take_if(self.ahead.kind == "symbol" and self.ahead.text == text)

    def word(self, word: str) -> bool:
        """Take this keyword if it comes next."""
        return self._take_if(self.ahead.is_word(word))

    def expect(self, text: str) -> None:
        """Take this symbol or keyword, which must come next."""
        if not (self.symbol(text) or self.word(text)):
            raise self.unexpected(text)

    def name(self) -> str:
        """An identifier, quoted or not."""
        return self.take("name", "word").text

    def listed(self, item: Callable[[], Item]) -> tuple[Item, ...]:
        """One item or more, with commas between them."""
        found = [item()]
        while self.symbol(","):
            found.append(item())
        return tuple(found)

    def unexpected(self, expected: str) -> ParseError:
        """InfluxDB's words for it."""
        token = self.ahead
        return ParseError(f"found {token.text}, expected {expected} at line 1, char {token.position + 1}")

    def _take_if(self, matches: bool) -> bool:
        self._at += matches
        return matches
