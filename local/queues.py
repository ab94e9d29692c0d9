"""
Keep every message of a queue over a SIGKILL: each is a line of a file before its sender has an answer.

Called by   local/server.py, before the emulator starts
Returns     nothing; ministack's queues are changed in this process only
Raises      cures.shape.Uncured when ministack's queues no longer look as expected

Snapshots hold the queues as they were up to two seconds ago (local/journal.py). Each sent message has a number; a
snapshot holds the number of the last one that is in it or that a reader has deleted already. A start takes the snapshot,
then every line with a higher number. So a message is never lost; one that was deleted in the last two seconds is
delivered again, as SQS may do too.
"""

import functools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack.core import persistence
from ministack.services import eventbridge, sqs

from local.cures.shape import expect, source_has

NUMBER = "comanda:number of the last message"
Queue = dict[str, Any]


class SentMessages:
    """The file of lines [number, ARN of the queue, message]."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "messages.journal"
        self.before = folder / "messages.journal.before"  # lines from before the last snapshot
        self.number = 0

    def attach(self) -> None:
        """Put this file between ministack and its queues."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        dispatch, send = eventbridge._dispatch_to_sqs, sqs._act_send_message
        source_has(dispatch, 'queue["messages"].append(msg)', "queue = _sqs._queue_by_arn(str(spec))")
        source_has(send, 'q["messages"].append(msg)', "q = _get_q(url")
        source_has(sqs._act_send_message_batch, "_act_send_message(sub, url)")
        source_has(sqs._delete_messages_for_esm, "with _queues_lock:")
        source_has(sqs._restore_state, '_queues.update(data.get("queues", {}))')
        expect(sqs._HANDLERS["SendMessage"] is send, "one function sends")
        restore, state = sqs._restore_state, sqs.get_state

        eventbridge._dispatch_to_sqs = self.written(dispatch, lambda spec, *_: sqs._queue_by_arn(str(spec)))
        sqs._act_send_message = self.written(send, lambda data, url: sqs._get_q(data.get("QueueUrl", url)))
        sqs._HANDLERS["SendMessage"] = sqs._act_send_message

        def get_state() -> Any:
            with sqs._queues_lock:
                taken = {**state(), NUMBER: self.number}
                if self.path.exists():
                    self.path.replace(self.before)
            return taken

        def restore_state(data: dict[str, Any] | None) -> None:
            restore(data)
            self.replay(after=(data or {}).get(NUMBER, 0))
            _show_all()

        sqs.get_state, sqs._restore_state = get_state, restore_state

    def written(self, send: Callable[..., Any], queue_of: Callable[..., Queue | None]) -> Callable[..., Any]:
        """
        Return `send`, which then also appends each new message of a queue to the file.

        Upstream's readers replace the list of messages under the lock, and its senders append without it: a message that
        comes in between would be lost. With the lock, no message is lost.
        """

        @functools.wraps(send)
        def sent(*arguments: Any, **options: Any) -> Any:
            with sqs._queues_lock:
                queue = queue_of(*arguments)
                last = _last(queue)
                answer = send(*arguments, **options)
                message = _last(queue)
                if queue is not None and message is not None and message is not last:
                    self.append(queue["attributes"]["QueueArn"], message)
            return answer

        return sent

    def append(self, arn: str, message: dict[str, Any]) -> None:
        self.number += 1
        line = json.dumps([self.number, arn, message], default=persistence._json_default) + "\n"
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, line.encode())
        finally:
            os.close(file)

    def replay(self, *, after: int) -> None:
        """Put every message with a higher number back into its queue, unless it is there."""
        queues = {queue["attributes"]["QueueArn"]: queue for _, queue in sqs._queues.all_items()}
        there = {message["id"] for queue in queues.values() for message in queue["messages"]}
        self.number = after
        for path in (self.before, self.path):
            lines = path.read_bytes().splitlines(keepends=True) if path.exists() else ()
            for number, arn, message in (_read(line) for line in lines if line.endswith(b"\n")):
                if number <= self.number:
                    continue
                self.number = number
                if arn in queues and message["id"] not in there:
                    queues[arn]["messages"].append(message)


def _last(queue: Queue | None) -> dict[str, Any] | None:
    messages = queue["messages"] if queue else ()
    return messages[-1] if messages else None


def _show_all() -> None:
    """Make every received message visible again: no reader outlives the emulator.

    Upstream hides such a message until its visibility timeout is over: mails came six minutes late after a stop.
    """
    for _, queue in sqs._queues.all_items():
        for message in queue["messages"]:
            if message.get("receive_count"):  # a message that was never received may still be delayed
                message["visible_at"] = message["sent_at"]


def _read(line: bytes) -> Any:
    return json.loads(line, object_hook=persistence._json_object_hook)
