"""The tasks that a real Celery worker runs in the test."""

import os

from celery import Celery

app = Celery("tasks", broker=os.environ["BROKER"], backend=os.environ["RESULTS"])
app.conf.update(
    task_default_queue="jobs",
    broker_transport_options={
        "region": "eu-west-1",
        "is_secure": False,
        "wait_time_seconds": 5,
        "polling_interval": 0.1,
        "visibility_timeout": 30,
    },
    broker_connection_retry_on_startup=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
)


@app.task
def add(a, b):
    return a + b


@app.task(bind=True, max_retries=2, default_retry_delay=0)
def succeed_at_the_third_try(self):
    if self.request.retries < 2:
        raise self.retry(countdown=0)
    return self.request.retries


@app.task
def measure(text):
    return len(text)


@app.task
def fail():
    raise ValueError("on purpose")
