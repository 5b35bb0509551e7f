"""``depot push``: previews a plan of the store, commits it, says where it stands."""

import getpass
from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json
from depotlib.errors import PushError
from depotlib.settings import Settings, read_settings
from depotlib.workflows.plan_tonight import stored_plan
from depotlib.workflows.push_plan import (
    Operator,
    PushDraft,
    PushProgress,
    commit_push,
    follow_push,
    newest_push,
    preview_push,
    require_operator,
)
from depotlib.workflows.push_receipt import push_receipt
from depotlib.workflows.tonight import gather_tonight


def command(
    plan: Annotated[str | None, typer.Argument(help="id of a plan in the store")] = None,
    *,
    preview: Annotated[
        bool, typer.Option("--preview", help="only show what it would change; so without --commit")
    ] = False,
    commit: Annotated[str | None, typer.Option(help="digest of the preview")] = None,
    follow: Annotated[str | None, typer.Option(help="id of a request")] = None,
    receipt: Annotated[
        str | None, typer.Option(help="id of a request: who, when, each connector's proofs")
    ] = None,
) -> int:
    """Preview a plan; with --commit DIGEST push it; without a plan say how the newest push goes.

    The operator's token is read from DEPOT_OPERATOR_TOKEN.
    """
    settings = read_settings()
    if receipt is not None:
        print_json({"receipt": push_receipt(settings, receipt)})
        return EXIT_DONE
    if preview and (plan is None or commit is not None):
        raise PushError(
            "a preview is of one plan and commits nothing",
            where="depot push --preview",
            hint="give a plan, and --commit DIGEST without --preview",
        )
    if plan is None:
        return _print_progress(follow_push(settings, follow) if follow else newest_push(settings))
    draft = _draft(settings, plan)
    if commit is None:
        print_json({"preview": draft.preview})
        return EXIT_FALLS_SHORT if draft.preview.refusals else EXIT_DONE
    if commit != draft.preview.digest:
        raise PushError(
            "the digest is not that of the preview as it is now",
            where=f"plan {plan}",
            hint="preview again, read it, and commit the digest it shows",
        )
    asker = operator(settings)
    if not draft.preview.refusals:
        require_operator(settings, asker)
    request_id = commit_push(settings, draft, operator=asker, now=settings.depot_clock().now())
    print_json({"request": request_id, "release": draft.preview.release_id})
    return EXIT_DONE


def operator(settings: Settings) -> Operator:
    """Return who sits at this terminal, with the token of the environment."""
    return Operator(name=getpass.getuser(), token=settings.operator_token)


def _draft(settings: Settings, plan_id: str) -> PushDraft:
    now = settings.depot_clock().now()
    return preview_push(
        settings, gather_tonight(settings, now=now), plan=stored_plan(settings, plan_id), now=now
    )


def _print_progress(progress: PushProgress | None) -> int:
    print_json(
        {
            "request": progress.status.request.request_id if progress else None,
            "state": progress.status.state if progress else None,
            "note": progress.status.note if progress else "",
            "results": progress.results if progress else (),
        }
    )
    return EXIT_DONE
