"""Why a vessel answers and shows nothing: its database is looked at, and what is wrong is named with its remedy."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fleetdash.config.settings import InfluxEndpoint
from fleetdash.domain.fleet import Vessel, address_key, listed_spellings
from fleetdash.domain.wording import joined
from fleetdash.influx.query import PingQuery, identifier
from fleetdash.influx.response import Result, Table, quoted

MOST_VALUES = 50
MOST_NAMED = 5
_PING_FIELDS = {"result_code", "percent_packet_loss"}

Show = Callable[[list[str]], list[list[Table]]]
Select = Callable[[list[str]], list[Result]]


@dataclass(frozen=True, slots=True)
class Database:
    """What a vessel's database holds, as far as it matters: names, sorted as InfluxDB does."""

    policies: Sequence[str]
    default_policy: str
    fields: Mapping[str, set[str]]
    """By measurement."""
    tags: Mapping[str, Sequence[str]]
    """By measurement."""


def diagnose(vessel: Vessel, endpoint: InfluxEndpoint, show: Show, select: Select) -> tuple[str, ...]:
    """Sentences, each about one thing that is wrong and the line of the fleet file that fixes it; none: all is well.

    Raises `VesselQueryError`.
    """
    return tuple(Diagnosis(vessel, endpoint, show, select).findings())


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Two requests, three where the pings are in another retention policy."""

    vessel: Vessel
    endpoint: InfluxEndpoint
    show: Show
    select: Select

    def findings(self) -> list[str]:
        database = self._database()
        measurement = self.endpoint.measurement
        if measurement not in database.fields:
            return self._no_measurement(database)
        if self.endpoint.device_tag not in database.tags.get(measurement, ()):
            return self._no_device_tag(database)
        newest = self._newest_by_policy(database)
        policy = self.endpoint.retention_policy or database.default_policy
        if policy not in newest:
            return self._another_policy(newest, policy)
        wrong = self._match() or self._addresses()
        return wrong or self._fields(database) or [_no_newer(newest[policy])]

    def _database(self) -> Database:
        policies, fields, tags = self.show(["SHOW RETENTION POLICIES", "SHOW FIELD KEYS", "SHOW TAG KEYS"])[:3]
        rows = [row for _, _, rows in policies for row in rows]
        return Database(
            policies=[str(row[0]) for row in rows],
            default_policy=next((str(row[0]) for row in rows if row[-1] is True), ""),
            fields={name: {str(row[0]) for row in rows} for name, _, rows in fields},
            tags={name: [str(row[0]) for row in rows] for name, _, rows in tags},
        )

    def _no_measurement(self, database: Database) -> list[str]:
        wanted = self.endpoint.measurement
        if not database.fields:
            return [f"The database {_toml(self.endpoint.database)} is empty: no agent writes to it."]
        like = [name for name, fields in database.fields.items() if fields & _PING_FIELDS]
        if not like:
            names = _named(database.fields)
            return [f"There is no measurement {_toml(wanted)}, and none that holds pings; there is {names}."]
        return [f"There is no measurement {_toml(wanted)}; set {_line('measurement', like[0])}."]

    def _no_device_tag(self, database: Database) -> list[str]:
        tags = database.tags.get(self.endpoint.measurement, ())
        listed = listed_spellings(self.vessel)
        values = self._values(tags)
        fits = [tag for tag in tags if any(address_key(value) in listed for value in values.get(tag, ()))]
        said = f"The pings have no tag {_toml(self.endpoint.device_tag)}"
        if fits:
            return [
                f"{said}, but {_toml(fits[0])} holds addresses of the fleet file; set {_line('device_tag', fits[0])}."
            ]
        return [f"{said}; they have {_named(tags)}." if tags else f"{said}, and no other tag."]

    def _newest_by_policy(self, database: Database) -> dict[str, int]:
        """The time of the newest point in each retention policy that holds any."""
        fields = ",".join(identifier(name) for name in sorted(database.fields[self.endpoint.measurement]))
        query = PingQuery(self.endpoint.measurement, self.endpoint.device_tag)
        statements = [
            f"SELECT {fields} FROM {identifier(policy)}.{query.source} ORDER BY time DESC LIMIT 1"
            for policy in database.policies
        ]
        found = zip(database.policies, self.select(statements), strict=True)
        return {policy: int(str(series.rows[0][0])) for policy, result in found for series in result if series.rows}

    def _another_policy(self, newest: Mapping[str, int], policy: str) -> list[str]:
        where = f"the retention policy {_toml(policy)}" if policy else "the default retention policy"
        if not newest:
            return [f"No point of {_toml(self.endpoint.measurement)} is left in any retention policy."]
        other = max(newest, key=lambda name: newest[name])
        return [f"The pings are not in {where} but in {_toml(other)}; set {_line('retention_policy', other)}."]

    def _match(self) -> list[str]:
        """For each tag of `match`: whether any ping has that value."""
        values = self._values([tag for tag, _ in self.endpoint.match])
        return [
            f"No ping has {tag} = {_toml(value)}, as match in the fleet file wants it; "
            + (
                f"set match = {{ {_key(tag)} = {_toml(values[tag][0])} }}{_or_others(values[tag][1:])}."
                if values.get(tag)
                else f"they have no tag {_toml(tag)}: remove it from match."
            )
            for tag, value in self.endpoint.match
            if value not in values.get(tag, ())
        ]

    def _addresses(self) -> list[str]:
        values = self._values([self.endpoint.device_tag]).get(self.endpoint.device_tag, ())
        listed = listed_spellings(self.vessel)
        if not listed or any(address_key(value) in listed for value in values) or len(values) >= MOST_VALUES:
            return []
        return [f"None of the fleet file's addresses is pinged; the vessel pings {_named(values)}: correct components."]

    def _fields(self, database: Database) -> list[str]:
        fields = database.fields[self.endpoint.measurement]
        if fields & _PING_FIELDS:
            return []
        return [f"The points have neither result_code nor percent_packet_loss, but {_named(sorted(fields))}."]

    def _values(self, tags: Sequence[str]) -> dict[str, list[str]]:
        """The first values of each tag."""
        source = PingQuery(self.endpoint.measurement, "", self.endpoint.retention_policy).source
        if not tags:
            return {}
        found = self.show(
            [f"SHOW TAG VALUES FROM {source} WITH KEY = {identifier(t)} LIMIT {MOST_VALUES}" for t in tags]
        )
        return {
            tag: [str(row[-1]) for _, _, rows in tables for row in rows if row]
            for tag, tables in zip(tags, found, strict=False)
        }


def _no_newer(seconds: int) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"No point is newer than {moment:%Y-%m-%d %H:%M} UTC: the agent on board has stopped, or writes elsewhere."


def _named(names: Iterable[str]) -> str:
    shown = [_toml(name) for name in names]
    more = [f"{len(shown) - MOST_NAMED} more"] if len(shown) > MOST_NAMED else []
    return joined([*shown[:MOST_NAMED], *more])


def _or_others(values: Sequence[str]) -> str:
    return f" (or {_named(values)})" if values else ""


def _key(name: str) -> str:
    """A bare key of TOML where it may be one."""
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else _toml(name)


def _line(key: str, value: str) -> str:
    return f"{key} = {_toml(value)}"


def _toml(text: str) -> str:
    return json.dumps(quoted(text), ensure_ascii=False)
