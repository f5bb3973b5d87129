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
    """What a vessel's database holds. `fields`: by retention policy and measurement; `tags`: by measurement."""

    default_policy: str
    fields: Mapping[str, Mapping[str, set[str]]]
    tags: Mapping[str, Sequence[str]]


def diagnose(
    vessel: Vessel, endpoint: InfluxEndpoint, show: Show, select: Select, present: datetime, skew: int
) -> tuple[str, ...]:
    """Sentences, each about one thing that is wrong and the line of the fleet file that fixes it; none: all is well.

    `present`: shore's time; the clock of the pings is ahead by `skew` seconds. Raises `VesselQueryError`.
    """
    return tuple(Diagnosis(vessel, endpoint, show, select, present, skew).findings())


def misconfiguration(endpoint: InfluxEndpoint, show: Show) -> str:
    """What does not exist of what the fleet file names, after InfluxDB refused a request; "" where that is not it.

    Raises `VesselQueryError`.
    """
    (databases,) = show(["SHOW DATABASES"])
    names = [str(row[0]) for _, _, rows in databases for row in rows if row[0] != "_internal"]
    if endpoint.database not in names:
        return f"; it has {_named(names)}: correct database in the fleet file" if names else ""
    if not endpoint.retention_policy:
        return ""
    (policies,) = show(["SHOW RETENTION POLICIES"])
    names = [str(row[0]) for _, _, rows in policies for row in rows]
    return "" if endpoint.retention_policy in names else f"; it has {_named(names)}: correct retention_policy"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A few small requests, each about what the ones before it left open."""

    vessel: Vessel
    endpoint: InfluxEndpoint
    show: Show
    select: Select
    present: datetime
    skew: int

    def findings(self) -> list[str]:
        database = self._database()
        policy, measurement = self.endpoint.retention_policy or database.default_policy, self.endpoint.measurement
        holding = [name for name, measurements in database.fields.items() if measurement in measurements]
        if not holding:
            return self._no_measurement(database, policy)
        newest = self._newest(database, holding)
        if policy not in newest:
            return self._another_policy(newest, policy)
        if self.endpoint.device_tag not in database.tags.get(measurement, ()):
            return self._no_device_tag(database)
        fields = database.fields[policy].get(measurement, set())
        wrong = self._match() or self._addresses() or self._fields(fields)
        return wrong or self._no_newer(newest[policy])

    def _database(self) -> Database:
        policies, tags = self.show(["SHOW RETENTION POLICIES", "SHOW TAG KEYS"])
        rows = [row for _, _, rows in policies for row in rows]
        names = [str(row[0]) for row in rows]
        # without a policy these are the fields of the default one only
        fields = self.show([f"SHOW FIELD KEYS FROM {identifier(name)}./.*/" for name in names]) if names else []
        return Database(
            default_policy=next((str(row[0]) for row in rows if row[-1] is True), ""),
            fields={
                policy: {name: {str(row[0]) for row in rows} for name, _, rows in found}
                for policy, found in zip(names, fields, strict=True)
            },
            tags={name: [str(row[0]) for row in rows] for name, _, rows in tags},
        )

    def _no_measurement(self, database: Database, policy: str) -> list[str]:
        by_policy = sorted(database.fields.items(), key=lambda item: item[0] != policy)
        measurements = {(name, where): fields for where, found in by_policy for name, fields in found.items()}
        if not measurements:
            return [f"The database {_toml(self.endpoint.database)} is empty: no agent writes to it."]
        missing = f"There is no measurement {_toml(self.endpoint.measurement)}"
        like = [key for key, fields in measurements.items() if fields & _PING_FIELDS]
        if not like:
            return [f"{missing}, and none that holds pings; there is {_named(name for name, _ in measurements)}."]
        name, where = like[0]
        lines = [_line("measurement", name), *([_line("retention_policy", where)] if where != policy else [])]
        return [f"{missing}; set {joined(lines)}."]

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

    def _newest(self, database: Database, policies: Sequence[str]) -> dict[str, int]:
        """The time of the newest point, by the vessel's clock, in each of these policies that holds any."""
        measurement = self.endpoint.measurement
        fields = {policy: database.fields[policy][measurement] for policy in policies}
        statements = [
            f"SELECT {','.join(map(identifier, sorted(fields[policy] & _PING_FIELDS or fields[policy])))} "
            f"FROM {identifier(policy)}.{identifier(measurement)} ORDER BY time DESC LIMIT 1"
            for policy in policies
        ]
        found = zip(policies, self.select(statements), strict=True)
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

    def _fields(self, fields: set[str]) -> list[str]:
        if fields & _PING_FIELDS:
            return []
        return [f"The points have neither result_code nor percent_packet_loss, but {_named(sorted(fields))}."]

    def _no_newer(self, seconds: int) -> list[str]:
        moment = datetime.fromtimestamp(seconds - self.skew, UTC)
        if moment > self.present - self.vessel.limits.stale_after:
            return []
        when = f"{moment:%Y-%m-%d %H:%M} UTC"
        return [f"No point is newer than {when}: the agent on board has stopped, or writes elsewhere."]

    def _values(self, tags: Sequence[str]) -> dict[str, list[str]]:
        """The first values of each tag."""
        if not tags:
            return {}
        source = PingQuery(self.endpoint.measurement, "", self.endpoint.retention_policy).source
        found = self.show(
            [f"SHOW TAG VALUES FROM {source} WITH KEY = {identifier(tag)} LIMIT {MOST_VALUES}" for tag in tags]
        )
        return {
            tag: [str(row[-1]) for _, _, rows in series for row in rows if row]
            for tag, series in zip(tags, found, strict=True)
        }


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
