"""The tables of who may come in, and who did."""

from peewee import AutoField, BigIntegerField, TextField

from fleetdash.storage.schema.models import BaseModel


class AuditRow(BaseModel):
    """What somebody did."""

    id = AutoField()
    at = BigIntegerField()
    kind = TextField()
    name = TextField()
    address = TextField()
    detail = TextField(default="")

    class Meta:
        table_name = "audit_events"


class AccessSecretRow(BaseModel):
    """What all processes on one PostgreSQL sign with."""

    name = TextField(primary_key=True)
    value = TextField()

    class Meta:
        table_name = "access_secrets"


class EndedSessionRow(BaseModel):
    """A session that was logged out of; its cookie may still be around until it expires."""

    id = TextField(primary_key=True)
    expires_at = BigIntegerField()

    class Meta:
        table_name = "ended_sessions"
