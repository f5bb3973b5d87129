"""The InfluxQL of "a ping was answered" (`domain.pings.answered`), for each way in which a vessel records its pings.

A missing field makes every comparison false, so `(x>=100)=false` holds where there is no `x`, and `x<100` does not.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fleetdash.domain.recording import FieldKind, FieldProfile

_BELOW_100 = r"/^\s*(-\d+|0*\d{1,2})([.,]\d+)?\s*%?\s*$/"
_FROM_100 = r"/^\s*0*[1-9]\d{2,}([.,]\d+)?\s*%?\s*$/"
_A_NUMBER = r"/^\s*[-+]?\d+([.,]\d+)?\s*%?\s*$/"
_NOT_0 = "/[1-9]/"


@dataclass(frozen=True, slots=True)
class AnsweredForm:
    """For the pings whose loss is of one type. `counts`: what is counted as recorded, of the pings in `recorded`.

    `field`: what every answered ping has; `answered` and `recorded`: conditions.
    """

    field: str
    counts: str
    recorded: str
    answered: str


@dataclass(frozen=True, slots=True)
class AnsweredForms:
    """The forms that fit a vessel's fields; one, unless the type of the loss differs between shards."""

    fields: FieldProfile

    @property
    def by_type(self) -> list[AnsweredForm]:
        loss = self.fields.percent_packet_loss
        if FieldKind.TAG in loss:
            return [self._tagged()]
        if FieldKind.TEXT not in loss:
            return [self._numeric("percent_packet_loss")]
        if FieldKind.NUMBER not in loss:
            return [self._text("percent_packet_loss")]
        # without casts only the numbers would be seen
        return [self._numeric("percent_packet_loss::float"), self._text("percent_packet_loss::string")]

    @property
    def selected(self) -> str:
        """The fields that show whether a ping was answered; one by each of its types."""
        return ",".join(
            [
                *_columns("result_code", self.fields.result_code),
                *_columns("percent_packet_loss", self.fields.percent_packet_loss),
                *_columns("percent_reply_loss", self.fields.percent_reply_loss),
            ]
        )

    def _numeric(self, loss: str) -> AnsweredForm:
        # a failed ping may have a code and no loss, one of an old Telegraf a loss and no code
        return AnsweredForm(loss, f"count(result_code),count({loss})", "", self._all(f"{loss}<100"))

    def _text(self, loss: str) -> AnsweredForm:
        # text that is no number does not show whether the ping was answered
        readable = f"({loss} =~ {_A_NUMBER} OR result_code>0)"
        return AnsweredForm(loss, f"count(result_code),count({loss})", readable, self._all(f"{loss} =~ {_BELOW_100}"))

    def _tagged(self) -> AnsweredForm:
        loss = "percent_packet_loss"
        return AnsweredForm("result_code", "count(result_code)", "", self._all(f"{loss} =~ {_BELOW_100}"))

    def _all(self, loss: str) -> str:
        return " AND ".join([*self._code_is_0(), loss, *self._replies_came()])

    def _code_is_0(self) -> Iterator[str]:
        kinds = self.fields.result_code
        if FieldKind.TAG in kinds:
            yield f"result_code !~ {_NOT_0}"
            return
        if FieldKind.TEXT in kinds:
            yield f"({_cast('result_code', kinds, '::string')} =~ {_NOT_0})=false"
        if FieldKind.TEXT not in kinds or FieldKind.NUMBER in kinds:
            yield f"({_cast('result_code', kinds, '::float')}!=0)=false"

    def _replies_came(self) -> Iterator[str]:
        kinds = self.fields.percent_reply_loss
        if FieldKind.TEXT in kinds:
            yield f"({_cast('percent_reply_loss', kinds, '::string')} =~ {_FROM_100})=false"
        if FieldKind.TEXT not in kinds or FieldKind.NUMBER in kinds:
            yield f"({_cast('percent_reply_loss', kinds, '::float')}>=100)=false"


def _cast(name: str, kinds: tuple[FieldKind, ...], cast: str) -> str:
    return name + cast if len(kinds) > 1 else name


def _columns(name: str, kinds: tuple[FieldKind, ...]) -> list[str]:
    if FieldKind.TAG not in kinds and len(kinds) > 1:
        return [f"{name}::float", f"{name}::string"]
    return [name]
