"""``depot COMMAND …``: finds the command's file, loads it alone, and reports errors as data.

Commands are loaded on use, so that ``depot gateway`` never imports DuckDB, OR-Tools, Plotly or
Streamlit (a test looks at the running process).
"""

import importlib
import inspect
import sys
from collections.abc import Sequence
from typing import Final

import typer
from typer.exceptions import Abort, TyperException

from depotlib.cli.printing import EXIT_BAD_INPUT, print_error, print_message
from depotlib.errors import DepotError, InputError

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "up": ("up", "start gateway, dispatch, api, workbench (and with --demo a virtual depot)"),
    "import": ("import_files", "import exports and logs, or try it with --dry-run"),
    "sources": ("sources", "say what was imported, by which source or mapping, and what is read"),
    "rejections": ("rejections", "give out the rejected records of an import, to be mended"),
    "quality": ("quality", "score what each source told, with its five worst findings"),
    "rebuild": ("rebuild", "make the warehouse again from the kept raw files"),
    "sniff": ("sniff", "say what files are"),
    "map": ("map_columns", "guess what the columns of a table hold, as a mapping to mend and keep"),
    "plan": ("plan", "plan a night from files"),
    "bill": ("bill", "bill a load under a tariff"),
    "attribute": ("attribute", "say who caused each billed peak"),
    "allocate": ("allocate", "split a bill by vehicle, station, route or cost centre"),
    "audit-bill": ("audit_bill", "check a utility's bill against ours, and find what is wrong"),
    "push": ("push", "preview, commit and watch the push of a plan"),
    "rollback": ("rollback", "return to the release before"),
    "export-schedules": ("export_schedules", "write the schedules of a plan as CSV or OCPP"),
    "night": ("night", "plan tonight from the depot's own store"),
    "needs": ("needs", "what tonight asks for: each need's arithmetic, and what is missing"),
    "try": ("try_night", "plan tonight with another limit, target or departure, and compare"),
    "explain": ("explain", "say why tonight's plan is as it is, and what would change it"),
    "past": ("past", "plan a past night of the session history again"),
    "tariffs": ("tariffs", "compare, show and import tariffs"),
    "simulate": ("simulate", "play nights under any policy: readiness and cost as distributions"),
    "scenario": ("scenario", "tonight with facts changed, each planned, beside tonight as it is"),
    "study": ("study", "run a grid of scenarios, and show what it says"),
    "declare-study": ("declare_study", "tonight's depot as the files of a study, to run and share"),
    "work": ("work", "do a job that a page asked for, cancel one, or say how far jobs are"),
    "targets": ("targets", "the peak of the month that is worth paying for"),
    "store": ("store", "say what the store holds, and what was refused"),
    "sessions": ("sessions", "list the sessions in the store"),
    "export-sessions": ("export_sessions", "write the sessions in the store for grant reports"),
    "demand": ("demand", "bills and demand charges of the sessions in the store"),
    "live": ("live", "stations, sessions and limits as they are now"),
    "shift": ("shift", "papers of a shift: bay, charge, go or no-go, moves to do"),
    "reconcile": ("reconcile", "plan against actual of a night: what took each missing kWh"),
    "stations": ("stations", "each station now, who was caught, and its uptime and faults"),
    "operate": ("operate", "act on a station, for a reason and until an end; its cost first"),
    "limits": ("limits", "limits from outside: give one, withdraw one, how each was kept"),
    "journal": ("journal", "verify the journal, show its tail, collect it into the store"),
    "identity": ("identity", "list the identities in doubt, and say whose session it is"),
    "duties": ("duties", "print the duties as rows, or save edited ones in their place"),
    "bays": ("bays", "where each bay is on the yard: print, edit, or lay out in rows"),
    "library": ("library", "published vehicle models, and a class of the fleet from one"),
    "edit-tariff": ("edit_tariff", "a tariff's versions, another one, and back to an earlier"),
    "tour": ("tour", "how far somebody is in the first-run tour of the demo depot"),
    "portfolio": ("portfolio", "every depot of DEPOT_HOME and DEPOT_HOMES at one look"),
    "set-up": ("set_up", "set a depot up from its files; its versions, and back to one"),
    "publish": ("publish", "write the brief: all that the live side knows of the world"),
    "demo": ("demo", "load the demo depot or the Leeds history into the store"),
    "gateway": ("gateway", "run the OCPP central system"),
    "dispatch": ("dispatch", "run the live re-planning"),
    "feed": ("feed", "follow a feed of telematics, or say how all of them do"),
    "alerts": ("alerts", "what people should know now; acknowledge it; watch and tell them"),
    "api": ("api", "run the HTTP door"),
    "webhooks": ("webhooks", "other systems that are told of events; watch and tell them"),
    "workbench": ("workbench", "run the pages"),
    "virtual": ("virtual", "run virtual charging stations"),
    "security": ("security", "keys, certificates, passwords and tokens: who may connect and push"),
    "who": ("who", "what somebody may do who logs in with given claims"),
    "drill": ("drill", "play go-live drills on virtual stations, with a dated report"),
    "doctor": ("doctor", "check the set-up and say what is wrong"),
}


def run(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave the process with its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; default: those of the process.
    """
    sys.exit(run_command(list(sys.argv[1:] if arguments is None else arguments)))


def run_command(arguments: list[str]) -> int:
    """Return the exit code of one command: 0 done, 2 bad input, 3 falls short."""
    if not arguments or arguments[0] in {"--help", "-h", "help"}:
        _print_commands()
        return 0
    name, rest = arguments[0], arguments[1:]
    try:
        return _invoke(name, rest)
    except DepotError as error:
        print_error(error)
        return EXIT_BAD_INPUT
    except TyperException as error:
        print_error(
            InputError(
                error.format_message(), where=f"depot {name}", hint=f"see depot {name} --help"
            )
        )
        return EXIT_BAD_INPUT


def _invoke(name: str, rest: list[str]) -> int:
    if name not in COMMANDS:
        raise InputError(
            f"there is no command {name!r}",
            where="depot",
            hint=f"the commands are {', '.join(COMMANDS)}",
        )
    module = importlib.import_module(f"depotlib.cli.{COMMANDS[name][0]}")
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(name=name)(module.command)
    if "json" not in inspect.signature(module.command).parameters:
        # Every command prints JSON; that it may be asked for is part of the contract.
        rest = [word for word in rest if word != "--json"]
    try:
        code = typer.main.get_command(app).main(
            args=rest, prog_name=f"depot {name}", standalone_mode=False
        )
    except Abort:
        print_message("depot: interrupted")
        return EXIT_BAD_INPUT
    return code if isinstance(code, int) else 0


def _print_commands() -> None:
    width = max(len(name) for name in COMMANDS)
    print_message("depot COMMAND [OPTIONS]; the commands are")
    for name, (_, what) in COMMANDS.items():
        print_message(f"  {name:<{width}}  {what}")
