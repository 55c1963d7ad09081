"""Waiting for what happens soon, with a deadline. Standard library only."""

import time

PATIENCE_SECONDS = 15


def until(found, what="what the test waits for", seconds=PATIENCE_SECONDS):
    """Asks again and again until the answer is true, and returns it."""
    give_up = time.monotonic() + seconds
    while True:
        if answer := found():
            return answer
        if time.monotonic() > give_up:
            raise AssertionError(f"did not come within {seconds} s: {what}")
        time.sleep(0.01)
