"""The page's addresses: made and read in one place. `prefix` is what a proxy strips, "/" for none."""

from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlencode


@dataclass(frozen=True, slots=True)
class Paths:
    """Makes links that hold under a path prefix, and reads those that come in with it."""

    prefix: str = "/"

    def fleet(self, **query: str | None) -> str:
        return self.prefix + _query(query)

    def vessel(self, vessel_id: str) -> str:
        return f"{self.prefix}vessels/{quote(vessel_id, safe='')}"

    def runs(self, **query: str | None) -> str:
        return f"{self.prefix}runs{_query(query)}"

    def run(self, run_id: str) -> str:
        return f"{self.prefix}runs/{quote(run_id, safe='')}"

    def analytics(self, **query: str | None) -> str:
        # `from` is a word of Python's
        return f"{self.prefix}analytics{_query({key.rstrip('_'): value for key, value in query.items()})}"

    def api(self, call: str, **query: str | None) -> str:
        return f"{self.prefix}api/{call}{_query(query)}"

    def is_analytics(self, pathname: str | None) -> bool:
        return self.inner(pathname) == "/analytics"

    def audit(self) -> str:
        return f"{self.prefix}audit"

    def log_out(self) -> str:
        return f"{self.prefix}logout"

    def inner(self, pathname: str | None) -> str:
        """A pathname without the prefix and without a slash at its end: "/" for the fleet."""
        text = pathname or "/"
        if text.startswith(self.prefix):
            text = "/" + text[len(self.prefix) :]
        return text.rstrip("/") or "/"

    def vessel_id(self, pathname: str | None) -> str | None:
        """The vessel whose modal is open, if any."""
        return _after("/vessels/", self.inner(pathname))

    def run_id(self, pathname: str | None) -> str | None:
        """The run that is opened, if any."""
        return _after("/runs/", self.inner(pathname))

    def is_fleet(self, pathname: str | None) -> bool:
        """The fleet is shown on its own and behind a vessel's modal."""
        return self.inner(pathname) == "/" or self.vessel_id(pathname) is not None

    def is_page(self, pathname: str | None) -> bool:
        """Whether anything has this address; whether its vessel or run is there is another question."""
        known = self.is_fleet(pathname) or self.run_id(pathname) is not None
        return known or self.inner(pathname) in ("/runs", "/analytics")


def query_value(search: str | None, key: str) -> str:
    """A value of the query string, "" when it is not there."""
    return parse_qs((search or "").removeprefix("?")).get(key, [""])[0].strip()


def _after(start: str, path: str) -> str | None:
    rest = path.removeprefix(start)
    return unquote(rest) if path.startswith(start) and rest and "/" not in rest else None


def _query(values: dict[str, str | None]) -> str:
    given = {key: value for key, value in values.items() if value}
    return f"?{urlencode(given)}" if given else ""
