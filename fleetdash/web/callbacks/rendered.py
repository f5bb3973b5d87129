"""What was read and rendered for a version of the data, for everyone who asks the same: 200 pages may be open."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from fleetdash.domain.access import Caller, acting_as, current_caller
from fleetdash.queries.data_version import DataVersion

KEPT_SECONDS = 10.0
"""Two intervals: by then every open page has asked."""

MOST_KEPT = 64


class Rendered:
    """Kept for a while by version, arguments and role. Those who ask while it is being rendered wait for it."""

    def __init__(self, versions: DataVersion) -> None:
        self._versions = versions
        self._kept: dict[object, asyncio.Task[Any]] = {}

    async def get(self, function: Callable[..., Any], version: str, *arguments: Any) -> Any:
        """What `function(version, *arguments)` answers, called on a thread; raises what it raises."""
        caller = current_caller()
        # kept for everyone with that role, so the name of whoever asks first must not be in it
        anyone = Caller("", caller.role) if caller else None
        key = (function, version, anyone, json.dumps(arguments))
        task = self._kept.get(key)
        if task is None:
            # of an older version, or one that another process knows first, it would be kept under the wrong key
            is_current = version == await self._versions.shared()
            with acting_as(anyone):
                task = self._kept.get(key) or asyncio.create_task(asyncio.to_thread(function, version, *arguments))
            if is_current and len(self._kept) < MOST_KEPT:
                self._keep(key, task)
        # whoever asked first may leave before the others have it
        return await asyncio.shield(task)

    def _keep(self, key: object, task: asyncio.Task[Any]) -> None:
        self._kept[key] = task
        task.add_done_callback(lambda done: self._kept.pop(key, None) if _failed(done) else None)
        asyncio.get_running_loop().call_later(KEPT_SECONDS, self._kept.pop, key, None)


def _failed(task: asyncio.Task[Any]) -> bool:
    return task.cancelled() or task.exception() is not None
