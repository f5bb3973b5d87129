"""Statements to a vessel's database over one connection, and their results; every failure is a `VesselQueryError`."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleetdash.influx.query import Statements
from fleetdash.influx.response import NotExecuted, Result, Table, results, tables
from fleetdash.influx.transport import Connection, HttpResponse


@dataclass(frozen=True, slots=True)
class Exchange:
    """With one database."""

    connection: Connection
    database: str

    def ask(self, statements: Statements) -> tuple[HttpResponse, list[list[Result]]]:
        """The response, and the results in the groups of the statements; ornaments that fail have none."""
        sent = [statement for group in statements.groups for statement in group]
        response, found = self._results(sent, len(statements.mean))
        remaining = iter(found)
        return response, [[next(remaining) for _ in group] for group in statements.groups]

    def select(self, statements: Sequence[str]) -> list[Result]:
        return self._results(statements)[1]

    def show(self, statements: Sequence[str]) -> list[list[Table]]:
        return tables(self._post(statements))

    def _results(self, statements: Sequence[str], ornaments: int = 0) -> tuple[HttpResponse, list[Result]]:
        response = self._post(statements)
        try:
            return response, results(response, len(statements), ornaments=ornaments)
        except NotExecuted as error:
            results(self._post([statements[error.position]]), 1)  # raises the actual error
            raise

    def _post(self, statements: Sequence[str]) -> HttpResponse:
        return self.connection.query({"db": self.database, "q": ";".join(statements), "epoch": "s"})
