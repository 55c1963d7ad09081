#!/usr/bin/env python3
"""Runs the conformance suites against the binary that TIDINGS_BIN names.

    TIDINGS_BIN=target/release/tidings conformance/run.py [SUITE ...]

What a suite needs is installed beside it first, in pinned versions; a tool that the machine lacks is installed as
Debian's package. Prints one line for each suite,

    RESULT <suite> passed=<n> failed=<n> skipped=<n>

and ends with a status other than 0 when anything failed or a suite ran nothing.
"""

import argparse
import concurrent.futures
import dataclasses
import hashlib
import importlib.util
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "python"))
from running import Server  # noqa: E402

ENVIRONMENTS = HERE / ".venv"
SUITE_SECONDS = 1200


@dataclasses.dataclass
class Result:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def good(self):
        return self.failed == 0 and self.passed > 0


def say(text):
    print(text, flush=True)


# Tools and installs

_apt = threading.Lock()


def need(tool, *packages):
    """Installs Debian's packages when the command `tool` is not there."""
    with _apt:
        if shutil.which(tool) is None:
            say(f"{tool} is missing:")
            install_packages(*packages)


def install_packages(*packages):
    say(f"installing {' '.join(packages)} with apt-get")
    subprocess.run(["apt-get", "update", "-q"], check=True, stdout=subprocess.DEVNULL)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)


def quiet(command, **options):
    """Runs an install step; shows its output only when it fails."""
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if ended.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {ended.returncode}:\n{ended.stdout[-4000:]}")


def can_make_environments():
    """Debian's python3 comes without what `venv` needs."""
    return all(importlib.util.find_spec(module) for module in ("venv", "ensurepip"))


def python_environment(name, requirements):
    """A virtual environment, made anew when its requirements have changed."""
    home = ENVIRONMENTS / name
    wanted = hashlib.sha256((HERE / "python" / requirements).read_bytes() + sys.version.encode()).hexdigest()
    stamp = home / "requirements.sha256"
    if not (stamp.exists() and stamp.read_text() == wanted):
        shutil.rmtree(home, ignore_errors=True)
        with _apt:
            if not can_make_environments():
                install_packages("python3-venv")
        quiet([sys.executable, "-m", "venv", home])
        quiet([home / "bin" / "pip", "install", "--disable-pip-version-check", "-r", HERE / "python" / requirements])
        stamp.write_text(wanted)
    return home / "bin" / "python"


def install_today():
    python_environment("today", "requirements.txt")


def install_2023():
    python_environment("2023", "requirements-2023.txt")


def install_javascript():
    need("node", "nodejs", "npm")
    need("npm", "npm")
    quiet(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE / "javascript")


def install_java():
    need("javac", "default-jdk-headless")
    need("mvn", "maven")
    quiet(["mvn", "-q", "-B", "-ntp", "test-compile"], cwd=HERE / "java")


def install_go():
    need("go", "golang-go")
    quiet(["go", "test", "-c", "-o", os.devnull, "."], cwd=HERE / "go")


def install_nothing():
    pass


# Running


def run(command, **options):
    """Runs a suite with its output on ours. A suite that hangs is ended, and has failed."""
    try:
        return subprocess.run(command, timeout=SUITE_SECONDS, stdin=subprocess.DEVNULL, **options).returncode
    except subprocess.TimeoutExpired:
        say(f"ended after {SUITE_SECONDS} s: {command}")
        return 1


def junit(*files):
    """Counts from JUnit's XML, which pytest, node and surefire write."""
    result = Result()
    for file in files:
        for case in ElementTree.parse(file).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                result.failed += 1
            elif case.find("skipped") is not None:
                result.skipped += 1
            else:
                result.passed += 1
    return result


def with_status(result, status):
    """A runner that ends badly without naming a failure counts as one."""
    if status != 0 and result.failed == 0:
        result.failed = 1
    return result


def pytest(environment, *arguments):
    with tempfile.TemporaryDirectory() as home:
        report = pathlib.Path(home) / "report.xml"
        python = ENVIRONMENTS / environment / "bin" / "python"
        command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *arguments]
        status = run(command, cwd=HERE)
        return with_status(junit(report) if report.exists() else Result(), status)


def python_json(_):
    return pytest("today", "python")


def python_query(_):
    """SNS has only one protocol: its tests need no second SDK."""
    return pytest("2023", "-m", "not once", "--ignore-glob=*/test_sns_*.py", "python")


def cli(_):
    """Most of its time goes into starting the CLI, so two tests run at a time."""
    return pytest("today", "-n", "2", "cli")


def celery(_):
    return pytest("today", "celery_worker")


def killing(script):
    """The last line of the script is `kill: N passed, N failed`."""

    def run_suite(options):
        command = [sys.executable, HERE / script, "--rounds", str(options.rounds)]
        ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60 + 60 * options.rounds)
        print(ended.stdout, flush=True)
        counts = re.search(r"^kill: (\d+) passed, (\d+) failed$", ended.stdout, re.M)
        return with_status(Result(*map(int, counts.groups())) if counts else Result(), ended.returncode)

    return run_suite


def against_a_server(suite):
    """Gives the suite a server of its own, in TIDINGS_ENDPOINT."""

    def run_suite(_):
        with tempfile.TemporaryDirectory() as home, Server(os.environ["TIDINGS_BIN"], home) as server:
            return suite({**os.environ, "TIDINGS_ENDPOINT": server.endpoint}, pathlib.Path(home))

    return run_suite


@against_a_server
def javascript(environment, home):
    report = home / "report.xml"
    reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout"]
    reporters += ["--test-reporter=junit", f"--test-reporter-destination={report}"]
    tests = sorted((HERE / "javascript" / "test").glob("*.test.js"))
    status = run(["node", "--test", *reporters, *tests], cwd=HERE / "javascript", env=environment)
    return with_status(junit(report) if report.exists() else Result(), status)


@against_a_server
def java(environment, home):
    shutil.rmtree(HERE / "java" / "target" / "surefire-reports", ignore_errors=True)
    status = run(["mvn", "-q", "-B", "-ntp", "surefire:test"], cwd=HERE / "java", env=environment)
    return with_status(junit(*(HERE / "java" / "target" / "surefire-reports").glob("TEST-*.xml")), status)


@against_a_server
def go(environment, home):
    command = ["go", "test", "-count=1", "-json", "."]
    ended = subprocess.run(command, cwd=HERE / "go", env=environment, stdout=subprocess.PIPE, text=True, timeout=SUITE_SECONDS)
    result = Result()
    for line in ended.stdout.splitlines():
        event = json.loads(line) if line.startswith("{") else {"Action": "output", "Output": line + "\n"}
        if event["Action"] == "output":
            print(event["Output"], end="", flush=True)
        elif "Test" in event and event["Action"] in ("pass", "fail", "skip"):
            name = {"pass": "passed", "fail": "failed", "skip": "skipped"}[event["Action"]]
            setattr(result, name, getattr(result, name) + 1)
    return with_status(result, ended.returncode)


SUITES = {
    "python-json": (install_today, python_json),
    "python-query": (install_2023, python_query),
    "cli": (install_today, cli),
    "celery": (install_today, celery),
    "javascript": (install_javascript, javascript),
    "java": (install_java, java),
    "go": (install_go, go),
    "kill": (install_nothing, killing("kill.py")),
    "kill-fan-out": (install_nothing, killing("kill_fan_out.py")),
}


def install(suites):
    """All installs at once; says which failed and why."""
    steps = dict.fromkeys(SUITES[suite][0] for suite in suites)
    failed = {}
    with concurrent.futures.ThreadPoolExecutor() as pool:
        running = {step: pool.submit(step) for step in steps}
        for step, future in running.items():
            try:
                future.result()
            except Exception as failure:
                failed[step] = failure
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITES)} (default: all)")
    parser.add_argument("--rounds", type=int, default=10, help="rounds of each kill test (default 10)")
    parser.add_argument("--install-only", action="store_true", help="install what the suites need, and stop")
    options = parser.parse_args()
    chosen = options.suites or list(SUITES)
    if unknown := set(chosen) - set(SUITES):
        parser.error(f"unknown suite: {', '.join(sorted(unknown))}")
    if not options.install_only:
        if not os.path.isfile(os.environ.get("TIDINGS_BIN", "")):
            parser.error("TIDINGS_BIN must name the tidings binary under test")
        os.environ["TIDINGS_BIN"] = os.path.abspath(os.environ["TIDINGS_BIN"])

    began = time.monotonic()
    broken = install(chosen)
    for step, failure in broken.items():
        say(f"{step.__name__}: {failure}")
    say(f"installed in {time.monotonic() - began:.0f} s")
    if options.install_only:
        sys.exit(1 if broken else 0)

    results = {}
    for suite in chosen:
        needs, test = SUITES[suite]
        say(f"\n=== {suite}")
        began = time.monotonic()
        try:
            results[suite] = Result(failed=1) if needs in broken else test(options)
        except Exception as failure:
            say(f"{suite}: {failure!r}")
            results[suite] = Result(failed=1)
        say(f"=== {suite}: {time.monotonic() - began:.0f} s")

    say("")
    for suite, result in results.items():
        say(f"RESULT {suite} passed={result.passed} failed={result.failed} skipped={result.skipped}")
    total = Result(*(sum(getattr(result, name) for result in results.values()) for name in ("passed", "failed", "skipped")))
    say(f"conformance: {total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    sys.exit(0 if all(result.good for result in results.values()) else 1)


if __name__ == "__main__":
    main()
