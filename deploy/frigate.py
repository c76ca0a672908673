"""Switch Frigate's face recognition off for each camera on which it may not run, and on again where it may.

    python frigate.py http://127.0.0.1:7070 http://127.0.0.1:5000 porch=street garage=garage

asks facewarden once a minute (Frigate's camera = facewarden's source) and tells Frigate in memory only: its own
configuration file stays as it is. What Frigate recognises between two minutes is not kept from running; it is in its
MQTT messages, from which `facewarden calls from-frigate` makes a call log. The port of Frigate's API that needs no
login (5000) must be reached from here alone.
"""

import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

EVERY_S = 60


def may_run(facewarden: str, source: str) -> bool:
    """Whether faces may be recognised on a source now; where nobody answers, they may not."""
    asked = urllib.parse.urlencode({"source": source, "service": "local", "task": "identification"})
    try:
        with urllib.request.urlopen(f"{facewarden}/v1/check?{asked}", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def switch(frigate: str, camera: str, *, on: bool) -> None:
    """Tell Frigate, until it is started anew."""
    told = {
        "config_data": {"cameras": {camera: {"face_recognition": {"enabled": on}}}},
        "update_topic": f"config/cameras/{camera}/face_recognition",
        "requires_restart": 0,
        "skip_save": True,
    }
    request = urllib.request.Request(f"{frigate}/api/config/set", json.dumps(told).encode(), method="PUT")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=10):
        pass


def look(facewarden: str, frigate: str, cameras: dict[str, str]) -> None:
    """Ask and tell once, of every camera; Frigate may have been started anew since."""
    for camera, source in cameras.items():
        on = may_run(facewarden, source)
        try:
            switch(frigate, camera, on=on)
        except (urllib.error.URLError, OSError) as error:
            print(f"{camera}: Frigate cannot be told ({error})", file=sys.stderr, flush=True)


if __name__ == "__main__":
    while True:
        look(sys.argv[1], sys.argv[2], dict(pair.split("=", 1) for pair in sys.argv[3:]))
        time.sleep(EVERY_S)
