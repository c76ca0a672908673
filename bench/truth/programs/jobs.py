"""The same batches as jobs of Celery, whose broker is a folder."""

import os
from importlib import import_module
from typing import Any

from .app import FOLDER, batch

_folder = os.environ[FOLDER]
app: Any = import_module("celery").Celery("jobs", broker="filesystem://")
app.conf.update(
    broker_transport_options={"data_folder_in": _folder, "data_folder_out": _folder, "control_folder": _folder},
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
)
app.task(batch, name="batch")
