"""The manifests of docs/scale.md: what they name exists, and what must not happen cannot."""

import importlib
import inspect
import re
import shlex

import pytest
import yaml

from depotlib.cli.main import COMMANDS
from depotlib.settings import Settings
from depotlib.workflows.depot_processes import depot_processes
from tests.places import ROOT

FOLDER = ROOT / "docs" / "scale"
KINDS = {
    "Service": "v1",
    "ConfigMap": "v1",
    "PersistentVolumeClaim": "v1",
    "StatefulSet": "apps/v1",
    "Job": "batch/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
}


def documents(name):
    return {one["kind"]: one for one in yaml.safe_load_all((FOLDER / name).read_text())}


DEPOT, STUDY = documents("depot.yaml"), documents("study.yaml")
POD = DEPOT["StatefulSet"]["spec"]["template"]["spec"]
PODS = [POD, STUDY["Job"]["spec"]["template"]["spec"]]
CONTAINERS = [one for pod in PODS for one in (*pod.get("initContainers", ()), *pod["containers"])]
SETTINGS = DEPOT["ConfigMap"]["data"]


def words_of(container):
    """The words of every call of depot in a container, shells and loops opened."""
    command = container["command"]
    text = command[-1] if command[0] == "/bin/sh" else shlex.join(command)
    return [shlex.split(call)[1:] for call in re.findall(r"depot [^;&]*", text)]


def test_every_document_has_its_version_name_and_labels():
    for one in (*DEPOT.values(), *STUDY.values()):
        assert one["apiVersion"] == KINDS[one["kind"]]
        assert one["metadata"]["name"]
        assert one["metadata"]["labels"]["app"] in {"depot", "depot-study"}


def test_there_is_never_a_second_gateway():
    spec = DEPOT["StatefulSet"]["spec"]
    (claim,) = spec["volumeClaimTemplates"]

    assert spec["replicas"] == 1
    assert spec["updateStrategy"] == {"type": "OnDelete"}
    assert claim["spec"]["accessModes"] == ["ReadWriteOncePod"]
    assert [one["name"] for one in POD["containers"]].count("gateway") == 1


def test_selectors_find_the_pod_and_ports_have_names_that_exist():
    spec = DEPOT["StatefulSet"]["spec"]
    labels = spec["template"]["metadata"]["labels"]
    ports = {port["name"]: port for one in POD["containers"] for port in one.get("ports", ())}

    assert spec["selector"]["matchLabels"].items() <= labels.items()
    assert DEPOT["Service"]["spec"]["selector"].items() <= labels.items()
    assert DEPOT["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    assert spec["serviceName"] == DEPOT["Service"]["metadata"]["name"]
    assert [one["targetPort"] for one in DEPOT["Service"]["spec"]["ports"]] == ["ocpp"]
    assert str(ports["ocpp"]["containerPort"]) == SETTINGS["DEPOT_GATEWAY_PORT"]
    for one in POD["containers"]:
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            if "tcpSocket" in one.get(probe, {}):
                assert one[probe]["tcpSocket"]["port"] in ports


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda one: one["name"])
def test_a_container_mounts_reads_and_may_use_only_what_there_is(container):
    pod = next(
        one for one in PODS if container in [*one.get("initContainers", ()), *one["containers"]]
    )
    volumes = {one["name"] for one in pod.get("volumes", ())}
    volumes |= {
        one["metadata"]["name"]
        for one in DEPOT["StatefulSet"]["spec"]["volumeClaimTemplates"]
        if pod is POD
    }

    assert {one["name"] for one in container["volumeMounts"]} <= volumes
    if pod is POD:
        assert {"configMapRef": {"name": DEPOT["ConfigMap"]["metadata"]["name"]}} in container[
            "envFrom"
        ]
        assert SETTINGS["DEPOT_HOME"] in [one["mountPath"] for one in container["volumeMounts"]]
    assert container["name"] == "doctor" or container["resources"]["limits"]["memory"]
    assert pod["securityContext"]["runAsNonRoot"]


@pytest.mark.parametrize(
    "words",
    [words for one in CONTAINERS for words in words_of(one)],
    ids=" ".join,
)
def test_a_command_and_its_options_exist(words):
    module = importlib.import_module(f"depotlib.cli.{COMMANDS[words[0]][0]}")
    text = inspect.getsource(module)
    known = {name.replace("_", "-") for name in inspect.signature(module.command).parameters}
    known |= set(re.findall(r'"--([a-z-]+)"', text))

    options = {word[2:] for word in words if word.startswith("--")}

    assert options <= known


def test_the_probes_ask_for_what_depot_up_waits_for(tmp_path):
    # `depot up` waits for the same doors before it calls a process started.
    started = depot_processes(
        Settings(home=tmp_path), clock=Settings().depot_clock(), night_sheet=None
    )
    served = {(str(one.health_port), one.health_path) for one in started if one.health_path}

    asked = [
        re.search(r"127\.0\.0\.1:(\d+)(/\S+?)\"", one[probe]["exec"]["command"][-1]).groups()
        for one in POD["containers"]
        for probe in ("startupProbe", "livenessProbe")
        if "exec" in one.get(probe, {})
    ]

    assert set(asked) == served


def test_shards_are_as_many_as_pods():
    job = STUDY["Job"]["spec"]
    (words,) = words_of(job["template"]["spec"]["containers"][0])

    assert job["completionMode"] == "Indexed"
    assert words[words.index("--shard") + 1] == (
        f"$((JOB_COMPLETION_INDEX + 1))/{job['completions']}"
    )
    claims = [one["persistentVolumeClaim"]["claimName"]
              for one in job["template"]["spec"]["volumes"] if "persistentVolumeClaim" in one]  # fmt: skip
    assert claims == [STUDY["PersistentVolumeClaim"]["metadata"]["name"]]
