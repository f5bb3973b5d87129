"""Who logged in, failed to, or started a run; what sessions are signed with; sessions that ended before their time."""

from typing import Any

from peewee import SQL, AutoField, BigIntegerField, Database, Model, TextField


def up(migrator: Any, db: Database) -> None:
    class AuditEvent(Model):
        id = AutoField()
        at = BigIntegerField()
        kind = TextField()
        name = TextField()
        address = TextField()
        detail = TextField(constraints=[SQL("DEFAULT ''")])

        class Meta:
            database = db
            table_name = "audit_events"

    class AccessSecret(Model):
        name = TextField(primary_key=True)
        value = TextField()

        class Meta:
            database = db
            table_name = "access_secrets"

    class EndedSession(Model):
        id = TextField(primary_key=True)
        expires_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "ended_sessions"

    db.create_tables([AuditEvent, AccessSecret, EndedSession])
