"""The gateway before an inference server."""

import numpy as np
import pytest
from helpers.inference import InferenceServer

from .conftest import Front, Fronted

PICTURE = np.zeros((1, 3, 112, 112), np.float32)
HEAD = b'{"inputs":[{"name":"in","datatype":"FP32","shape":[1,3,112,112],"parameters":{"binary_data_size":150528}}]}'
BINARY = {"Inference-Header-Content-Length": str(len(HEAD))}


@pytest.fixture(scope="module")
def fronted(front: Front, served: InferenceServer) -> Fronted:
    return front(triton=f'url = "{served.url}"\nkind = "oip"\nsource = "street"')


def test_a_recogniser_under_any_name_is_found_at_its_first_use(fronted: Fronted, served: InferenceServer) -> None:
    answer = fronted.post("triton", "/v2/models/plates/infer", content=HEAD + PICTURE.tobytes(), headers=BINARY)

    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["rules"] == ["HOUSE-1"]
    assert not [ran for ran in served.ran if ran.body == HEAD + PICTURE.tobytes()]


def test_what_recognises_nobody_goes_through(fronted: Fronted) -> None:
    answer = fronted.post("triton", "/v2/models/light/infer", content=HEAD + PICTURE.tobytes(), headers=BINARY)

    assert answer.status_code == 200
