"""The labs of examples/labs, run as a reader runs them."""

import os
import pathlib
import subprocess
import sys

import pytest

LABS = pathlib.Path(__file__).parents[2] / "examples" / "labs"


@pytest.mark.parametrize("lab", ["standard-queue.sh", "fifo-queue.sh", "fan-out.sh"])
def test_a_lab_finds_everything_as_it_tells(start, lab):
    running = start("--memory")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment["AWS_ENDPOINT_URL"] = running.endpoint
    environment["PATH"] = f"{pathlib.Path(sys.executable).parent}:{environment['PATH']}"
    ended = subprocess.run(
        ["sh", str(LABS / lab)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=400
    )
    print(ended.stdout)
    assert ended.returncode == 0
    assert ended.stdout.rstrip().endswith("deleted now.")
