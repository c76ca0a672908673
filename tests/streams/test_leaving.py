"""A process ends while its sources go on, and is not torn down by it."""

import subprocess
import sys

ENDS = """
import time
from facewarden.detector.guard import Guard
from facewarden.detector.sidecar.cameras import Cameras
from facewarden.detector.sidecar.scripted import Scripted
scenes = {f"cam-{number}": f"synthetic:body?seconds=1&fps=15&size=320x180&seed={number}" for number in range(4)}
scripted, cameras = Scripted(Guard(), print, rate=500.0), Cameras(Guard(), print)
scripted.set({name: url for name, url in scenes.items()})
cameras.set({**scenes, "live": "rtsp://127.0.0.1:1/none"})
time.sleep(1.0)
"""


def test_threads_in_the_midst_of_their_work_do_not_abort_the_interpreter() -> None:
    done = subprocess.run([sys.executable, "-c", ENDS], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")
