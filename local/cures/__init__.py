"""
Patch ministack 1.5.33 where it differs from AWS and Comanda needs AWS's way. Each difference has one small cure.

Called by   local/server.py, before the emulator starts
Returns     nothing; ministack's modules are changed in this process only
Raises      shape.Uncured when a patched piece of ministack has changed

A cure's docstring says what upstream does and what AWS does. docs/embedded.md lists the cures.
"""

from pathlib import Path

from local.cures import (
    asynchronous,
    conditions,
    deliveries,
    forks,
    gateway,
    kept,
    permissions,
    policies,
    silence,
    workers,
)


def apply(*, state: Path) -> None:
    """Apply every cure. `state` is the folder of what survives a stop."""
    workers.errors_keep_their_names()
    workers.logs_end_with_their_event()
    workers.workers_are_few()
    workers.workers_import_only_what_is_deployed()
    workers.layers_are_unpacked_once()
    forks.workers_are_forked()
    conditions.conditions_are_checked_once()
    deliveries.a_failed_parking_fails_its_task()
    deliveries.stream_readers_start_where_the_stream_does()
    deliveries.poisoned_records_are_set_aside()
    deliveries.stream_readers_do_not_wait_for_each_other()
    asynchronous.failed_events_are_retried()
    asynchronous.calls_given_up_are_kept()
    asynchronous.throttled_calls_wait()
    deliveries.file_events_name_their_version()
    gateway.failed_functions_are_the_gateways_answer()
    gateway.paths_stay_as_they_came()
    kept.a_secret_refers_to_its_arn()
    kept.mails_are_sent_as_their_identity()
    kept.mails_are_kept(state)
    kept.layers_are_kept_in_files(state / "layers")
    kept.state_is_written_in_one_piece()
    policies.policies_are_parsed_once()
    policies.callers_are_named_without_their_policies()
    permissions.wildcards_match_every_character()
    silence.addresses_are_not_logged()
