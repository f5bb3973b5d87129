"""The tables of the audit log and of sessions."""

from peewee import AutoField, BigIntegerField, TextField

from fleetdash.storage.schema.models import BaseModel


class AuditRow(BaseModel):
    """An event of the audit log."""

    id = AutoField()
    at = BigIntegerField()
    kind = TextField()
    name = TextField()
    address = TextField()
    detail = TextField(default="")

    class Meta:
        table_name = "audit_events"


class AccessSecretRow(BaseModel):
    """The signing secret shared by all processes of a PostgreSQL database."""

    name = TextField(primary_key=True)
    value = TextField()

    class Meta:
        table_name = "access_secrets"


class EndedSessionRow(BaseModel):
    """A session that was logged out; its cookie may exist until it expires."""

    id = TextField(primary_key=True)
    expires_at = BigIntegerField()

    class Meta:
        table_name = "ended_sessions"
