"""What Telegraf's `ping` input writes for one ping, with the oddities seen in the wild."""

from dataclasses import dataclass
from functools import cached_property

from fleetdash.domain import pings


@dataclass(frozen=True)
class Reply:
    """The fields of one point; `None` leaves a field out. `timed`: it carries a response time."""

    result_code: int
    percent_packet_loss: float | None = None
    packets_transmitted: int | None = None
    packets_received: int | None = None
    timed: bool = False

    @cached_property
    def answered(self) -> bool:
        """Whether the device answered this ping."""
        return pings.answered(self.result_code, self.percent_packet_loss) is True


ANSWERED = Reply(0, 0, 1, 1, timed=True)
UNANSWERED = Reply(1, 100, 1, 0)

SOME_LOSS = Reply(0, 25, 4, 3, timed=True)
DUPLICATED = Reply(0, -300, 1, 4, timed=True)
"""Telegraf 8679: duplicated replies make the loss negative; it was answered."""

LOSS_MISSING = Reply(2)
"""Telegraf 5499: nothing but result code 2."""

BARE_SUCCESS = Reply(0)
"""Telegraf 4549: result code 0 and no other field, on a failure."""

NATIVE_DEAD = Reply(0, 100, 1, 0)
"""Telegraf 6521: native mode writes result code 0 for a dead address."""

ODDITIES = (SOME_LOSS, DUPLICATED, LOSS_MISSING, BARE_SUCCESS, NATIVE_DEAD)
