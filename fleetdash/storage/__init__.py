"""Our own records: Peewee models, the run logger, vessel and device statuses, the scheduling lock."""
