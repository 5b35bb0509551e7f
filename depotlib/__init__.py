"""depotlib plans a depot's night of charging, puts the plan on the stations and proves it.

Data moves one way; the loop closes on disk, never in code::

    exports, logs -> ingest -> store -> needs -> planning -> exchange -> gateway -> stations
                       |         ^         ^          ^        |  ^         |
                       v         |         |          |        v  |         v
                    charts,   tariffs -----+----------+     dispatch <-- journal -> ingest
                    pages, notebooks

The map. A *room* is a module or package here. It has one job, and each outside library has
one door; import-linter holds the arrows (``pyproject.toml``, ``docs/adr/0001``).

===============  ================================================================================
errors           the one tree of errors: what went wrong, where, and what to do
units            every conversion between units
clock            time as an argument; one scaled clock for all processes
settings         typed settings, read once at an entry point
model            the nouns that rooms share: frozen dataclasses, frame schemas, no I/O
tariffs          one file a tariff component: its bill line, its price terms, its file form
ingest           one file a source: recognises, reads, maps; then checks and reports
store            the warehouse: migrations, writes, queries; frames out
needs            what tonight asks for: dwells with the energy needed
planning         problem, optimum, yard, audit, explanation and baselines
studies          grids of scenarios, on this machine or a cluster, and what their rows say
simulation       nights played forward under any policy: arrivals, tapers, limits, plugs, faults
reconciliation   the morning after: what took the energy that each vehicle lacks
charts           a frame in, a figure out
reports          a result as a file: a page to print, a workbook, a notebook
exchange         the mailbox between processes, and the journal
gateway          the OCPP central system: connections, stations, safety
dispatch         the live loop: what changed, a new plan, a release
feeds            telematics from vendors' APIs and a watched folder into the exchange
api              the door for programs (HTTP)
alerts           what people are told of the night: rules, desk and mail
webhooks         signed messages to addresses that others name, and where they may lead
virtual          virtual charging stations and vehicles, and their faults
workflows        the crossroads: one file for each thing a person can ask for
drills           go-live drills: one file a drill, played in real processes; the dated report
ui               what the workbench's pages share
cli              one file a command: parses, calls one workflow, prints
===============  ================================================================================
"""
