"""The flows that a Prefect worker runs by schedule (``prefect.yaml``): the jobs of ``milepost schedule``.

Imported by Prefect alone: whoever imports this imports Prefect. Settings are those of the worker's environment.
"""

from milepost.jobs import Done, Job, run_job
from milepost.settings import load_settings
from pipeline.flows import flow_of


def _work(job: Job) -> Done:
    return run_job(job, load_settings())


def _say(done: Done) -> str:
    return " ".join((done.sentence, *done.look_at))


sweep = flow_of("sweep", lambda: _work(Job.SWEEP), _say, retries=2)
remind = flow_of("remind", lambda: _work(Job.REMIND), _say, retries=2)
reread = flow_of("reread", lambda: _work(Job.REREAD), _say, retries=2)
