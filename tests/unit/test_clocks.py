"""Whose clock stamps the pings: a dead device is never fresh, however its writer's clock and HTTP's `Date` are off."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetdash.domain import clocks
from fleetdash.domain.clocks import TOLERANCE, Key, Look
from fleetdash.domain.recording import SeriesClock
from fleetdash.influx.newest import NewestPings, Ping, dated_pings

STALE = 1800
MINUTE, HOUR, DAY = 60, 3600, 86_400
START = 1_795_600_000
KEY = ("10.0.0.1", "")


@dataclass
class Watch:
    """A writer that pings once a minute, and fleetdash that looks at it. `ahead` and `date`: seconds, of true time.

    `jitter`: by how much `Date` says less when the vessel is asked again for the clock that it was found to have.
    """

    ahead: int
    date: int
    dies: int | None = None
    born: int = START - 3 * DAY
    offset: int = 0
    skew: int = 0
    jitter: int = 0
    looked: bool = False
    memory: tuple[SeriesClock, ...] = ()
    seen: list[tuple[int, str]] = field(default_factory=list)

    def newest(self, now: int) -> int:
        """True time of the newest ping."""
        last = now if self.dies is None else min(now, self.dies)
        return last - last % MINUTE

    def look(self, now: int) -> str:
        """`fresh`, `old` or `undated`."""
        newest = self.newest(now) + self.ahead
        settled = self.date - self.jitter if abs(self.date) > TOLERANCE + 2 else 0
        date_skew = settled if self.looked or not settled else self.date
        look = Look(now, date_skew, {KEY: newest}, MINUTE)
        judged = clocks.judge(look, self.offset, self.memory, self.skew)
        bound = now + judged.offset + TOLERANCE
        around: tuple[dict[Key, Ping], dict[Key, Ping]] = ({}, {})
        if judged.future(look):
            past = min(newest, bound - (bound - self.ahead) % MINUTE)
            around = ({KEY: Ping(past, True)}, {KEY: Ping(past + MINUTE, True)})
        dated = dated_pings({KEY: Ping(newest, True)}, look, judged, around, self.memory, timedelta(seconds=STALE))
        self.memory = clocks.remember(look, judged, self.memory, dated.doubtful)
        # the bounds that were asked with are kept while they are right within the tolerance
        self.offset = judged.offset if abs(judged.offset - self.offset) > TOLERANCE else self.offset
        self.skew, self.looked = settled, True
        return verdict(dated, now)


def verdict(dated: NewestPings, now: int) -> str:
    if KEY[0] in dated.undated:
        return "undated"
    (ping,) = dated.dated[KEY[0]]
    assert ping.at.timestamp() <= now, "a ping of the future"
    return "fresh" if now - ping.at.timestamp() <= STALE else "old"


offsets = st.one_of(st.just(0), st.integers(-4 * DAY, 4 * DAY), st.sampled_from([HOUR, -HOUR, 2 * HOUR, 3 * DAY]))
dates = st.one_of(st.none(), st.just(0), offsets)
gaps = st.lists(st.integers(30, 2 * HOUR), min_size=4, max_size=30)
jitters = st.integers(-2, 2)


def test_a_clock_whose_date_jitters_is_remembered_until_now_passes_the_last_ping() -> None:
    watch = Watch(2 * HOUR, 2 * HOUR, dies=START - 45 * MINUTE, jitter=1)
    assert [watch.look(START + number * 15 * MINUTE) for number in range(10)] == ["old"] * 10


@given(offsets, dates, st.integers(4 * HOUR, 2 * DAY), gaps, jitters)
def test_what_dies_while_it_is_watched_is_never_fresh_again(
    ahead: int, date: int | None, dies_after: int, gaps: list[int], jitter: int
) -> None:
    watch = Watch(ahead, ahead if date is None else date, dies=START + dies_after, jitter=jitter)
    now = START
    while now < START + dies_after - HOUR:
        watch.look(now)
        now += 15 * MINUTE
    for gap in gaps:
        now += gap
        seen = watch.look(now)
        dead_for = now - (START + dies_after)
        if dead_for > STALE + 4 * MINUTE:
            assert seen != "fresh", f"dead for {dead_for} s"


@given(st.integers(5 * MINUTE, 4 * DAY), dates, st.integers(STALE + 4 * MINUTE, 4 * DAY), gaps, jitters)
def test_what_was_dead_at_the_first_look_and_stamped_in_the_future_is_never_fresh(
    ahead: int, date: int | None, dead_for: int, gaps: list[int], jitter: int
) -> None:
    watch = Watch(ahead, ahead if date is None else date, dies=START - dead_for, jitter=jitter)
    by_shore, by_date = (START + clock - watch.newest(START) - ahead for clock in (0, watch.date))
    if by_shore >= -TOLERANCE or -TOLERANCE <= by_date <= STALE + 2 * MINUTE:
        return  # it looks in every way like a living one
    now = START
    for gap in gaps:
        assert watch.look(now) != "fresh"
        now += gap


@given(
    st.just(0) | st.integers(3 * MINUTE, 4 * DAY),
    dates,
    st.lists(st.integers(4 * MINUTE, 2 * HOUR), min_size=2, max_size=20),
)
def test_what_lives_is_fresh_from_the_second_look_on(ahead: int, date: int | None, gaps: list[int]) -> None:
    watch = Watch(ahead, ahead if date is None else date)
    now = START
    watch.look(now)
    for gap in gaps:
        now += gap
        assert watch.look(now) == "fresh"


@pytest.mark.parametrize("ahead", [0, 2 * HOUR, -2 * HOUR, 3 * DAY, -3 * DAY])
def test_a_clock_that_date_shows_too_is_known_at_once(ahead: int) -> None:
    watch = Watch(ahead, ahead)
    assert watch.look(START) == "fresh"
    assert watch.offset == ahead
    assert not watch.memory or watch.memory[0].offset is None


@pytest.mark.parametrize("date", [2 * HOUR, -2 * HOUR, 3 * DAY, -3 * DAY])
def test_a_gateway_s_clock_is_not_the_writer_s(date: int) -> None:
    watch = Watch(0, date)
    assert watch.look(START) == "fresh"
    assert watch.offset == 0


def test_where_all_clocks_agree_nothing_is_remembered() -> None:
    watch = Watch(0, 0)
    for minutes in (0, 15, 30):
        watch.look(START + minutes * MINUTE)
    assert watch.memory == ()


@pytest.mark.parametrize("ahead", [2 * HOUR, 3 * DAY])
def test_two_looks_in_quick_succession_prove_nothing(ahead: int) -> None:
    watch = Watch(ahead, 0, dies=START - 90 * MINUTE)
    assert [watch.look(START + seconds) for seconds in (0, 5, 70, 140)] == ["undated"] * 4


def test_a_clock_put_right_is_believed_once_its_pings_go_on() -> None:
    watch = Watch(2 * HOUR, 2 * HOUR)
    assert watch.look(START) == "fresh"
    watch.ahead = watch.date = 0
    assert watch.look(START + 3 * HOUR) == "fresh"
    assert watch.offset == 0


def test_a_clock_that_jumps_ahead_is_believed_once_its_pings_go_on() -> None:
    watch = Watch(0, 0)
    assert watch.look(START) == "fresh"
    watch.ahead = 2 * HOUR
    assert watch.look(START + 15 * MINUTE) == "undated"
    assert watch.look(START + 30 * MINUTE) == "fresh"
    assert watch.offset == pytest.approx(2 * HOUR, abs=MINUTE)
