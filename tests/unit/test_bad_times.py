"""Which hours of a period were bad."""

from datetime import UTC, datetime, timedelta

from fleetdash.domain.analytics.bad_times import BadHours, bad_hours, spans_to_explain
from fleetdash.domain.analytics.run_statistics import RunSums
from fleetdash.domain.analytics.time_buckets import TimeBucket, bucket_of

START = datetime(2026, 11, 23, tzinfo=UTC)


def hours(*reached: int | None) -> list[TimeBucket]:
    """One per hour from midnight: how many of 100 checks reached the vessel; `None`: no runs."""
    return [
        bucket_of(
            START + timedelta(hours=place),
            START + timedelta(hours=place + 1),
            RunSums() if each is None else RunSums(partial_runs=1, vessels_asked=100, vessels_reached=each),
        )
        for place, each in enumerate(reached)
    ]


def found(*reached: int | None) -> list[tuple[int, int, float]]:
    return [(span.since.hour, span.until.hour, span.rate_percent) for span in spans_to_explain(hours(*reached))]


def test_consecutive_bad_hours_are_one_incident_and_each_is_found() -> None:
    assert found(98, 83, 83, 97, 98, 72, 98, 98) == [(1, 3, 83), (5, 6, 72)]


def test_an_hour_within_five_points_of_the_usual_one_is_not_bad() -> None:
    assert found(98, 93, 98, 92, 98) == [(3, 4, 92)]
    assert found(98, 97, 96) == []
    assert found() == []
    assert found(None, None) == []


def test_a_long_outage_does_not_hide_a_shorter_one() -> None:
    """The period's own rate is 80 %, so that 84 % would pass for usual."""
    assert found(*[99] * 15, *[20] * 5, 99, 84, 99, 99) == [(15, 20, 20), (21, 22, 84)]


def test_hours_without_runs_do_not_divide_an_incident() -> None:
    assert found(99, 50, None, 50, 99, 99) == [(1, 4, 50)]


def test_at_most_five_are_named_the_worst_ones_in_order() -> None:
    spans = found(99, 60, 99, 10, 99, 70, 99, 20, 99, 30, 99, 50, 99)
    assert [since for since, *_ in spans] == [1, 3, 7, 9, 11]


def test_a_day_that_was_bad_throughout_has_no_hours_to_name() -> None:
    assert bad_hours(hours(*[50] * 24), 98.0) is None
    assert bad_hours(hours(98, 50, 50, 98), 98.0) == BadHours(
        START + timedelta(hours=1), START + timedelta(hours=3), 50.0, 2
    )
