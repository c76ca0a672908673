"""The gateway before an inference server."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from helpers.inference import InferenceServer
from helpers.networks import Network
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
    assert answer.headers["Inference-Header-Content-Length"]


def test_a_request_without_a_head_is_judged_as_well(fronted: Fronted, served: InferenceServer) -> None:
    raw = {"Inference-Header-Content-Length": "0"}
    answers = [
        fronted.post("triton", f"/v2/models/{name}/infer", content=PICTURE.tobytes(), headers=raw)
        for name in ("plates", "light")
    ]

    assert [answer.status_code for answer in answers] == [403, 200]
    assert served.ran[-1].body == PICTURE.tobytes()


def test_what_a_head_says_goes_on_record_and_never_the_tensors(fronted: Fronted) -> None:
    tensor = {"name": "in", "datatype": "FP32", "shape": [1, 3, 112, 112]}
    shared = {**tensor, "parameters": {"shared_memory_region": "r", "shared_memory_byte_size": 9}}
    body = gzip.compress(json.dumps({"inputs": [shared]}).encode())
    headers = {"Content-Encoding": "gzip", "X-Facewarden-Source": "desk"}
    assert fronted.post("triton", "/v2/models/plates/infer", content=body, headers=headers).status_code == 403

    fronted.record('"shared_memory":true')
    lines = [line for path in fronted.folder.rglob("*.jsonl") for line in path.read_text().splitlines()]
    last = next(json.loads(line) for line in lines if '"shared_memory":true' in line)
    assert last["source"] == "desk"
    assert (last["inputs"], last["shared_memory"]) == (["FP32[1,3,112,112]"], True)


def test_what_else_there_is_at_a_server_goes_through(fronted: Fronted) -> None:
    answers = [httpx.get(fronted.url("triton") + path) for path in ("/v2", "/v2/health/ready", "/v2/models/light")]
    assert [answer.status_code for answer in answers] == [200, 200, 200]


@pytest.mark.parametrize(
    "path",
    [
        "/v2/models/light/../plates/infer", "/v2/models/light%2f..%2fplates/infer", "//v2/models/plates/infer",
        "/v2/models/plates/infer/", "/v2/models/nothing/infer", "/v3/think", "/V2/models/plates/infer",
        "/v2/models/plates;light/infer", "/v2/models/pl%2561tes/infer",
    ],
)  # fmt: skip
def test_a_path_that_is_not_plain_or_not_known_is_held(fronted: Fronted, served: InferenceServer, path: str) -> None:
    before = len(served.ran)
    answer = fronted.raw("triton", path, HEAD + PICTURE.tobytes(), BINARY)

    assert answer.status == 403
    assert len(served.ran) == before


def test_a_method_that_a_header_takes_back_makes_no_request_harmless(fronted: Fronted) -> None:
    headers = {"X-HTTP-Method-Override": "POST"}
    assert httpx.get(f"{fronted.url('triton')}/v2/models/plates/infer", headers=headers).status_code == 403


def test_a_target_may_name_its_host_as_well(fronted: Fronted, served: InferenceServer) -> None:
    sent = HEAD + PICTURE.tobytes()
    paths = [f"{fronted.url('triton')}/v2/models/{name}/infer" for name in ("plates", "light")]
    answers = [fronted.raw("triton", path, sent, BINARY) for path in paths]

    assert [answer.status for answer in answers] == [403, 200]
    assert (served.ran[-1].model, served.ran[-1].body) == ("light", sent)


def test_another_model_that_is_loaded_under_a_name_is_asked_anew(
    front: Front,
    recogniser: bytes,
    pooling: bytes,
) -> None:
    with InferenceServer({"a": pooling}) as server:
        fronted = front(triton=f'url = "{server.url}"\nkind = "oip"')
        server.shelf["a"] = recogniser
        asked = {"content": HEAD + PICTURE.tobytes(), "headers": BINARY}
        before = fronted.post("triton", "/v2/models/a/infer", **asked).status_code
        loaded = fronted.post("triton", "/v2/repository/models/a/load").status_code

        assert (before, loaded) == (200, 200)
        assert fronted.post("triton", "/v2/models/a/infer", **asked).status_code == 403


def test_a_server_that_takes_no_bytes_is_asked_in_json(front: Front, recogniser: bytes) -> None:
    with InferenceServer({"a": recogniser}, binary=False) as server:
        fronted = front(mlserver=f'url = "{server.url}"\nkind = "oip"')
        tensor = {"name": "in", "datatype": "FP32", "shape": [1, 3, 112, 112], "data": PICTURE.ravel().tolist()}
        answer = fronted.post("mlserver", "/v2/models/a/infer", json={"inputs": [tensor]})

    assert answer.json()["rules"] == ["HOUSE-1"]


def test_of_a_server_that_says_nothing_a_request_shows_what_its_model_takes(
    front: Front, recogniser: bytes, pooling: bytes
) -> None:
    with InferenceServer({"plates": recogniser, "light": pooling}, quiet=True) as server:
        fronted = front(quiet=f'url = "{server.url}"\nkind = "oip"')
        body = {"content": HEAD + PICTURE.tobytes(), "headers": BINARY}
        answers = [fronted.post("quiet", f"/v2/models/{name}/infer", **body) for name in ("plates", "light")]
        raw = {"content": PICTURE.tobytes(), "headers": {"Inference-Header-Content-Length": "0"}}
        shapeless = fronted.post("quiet", "/v2/models/light/infer", **raw)

    assert [answer.status_code for answer in answers] == [403, 200]
    assert answers[0].json()["effect"] == "prohibited"
    assert shapeless.json()["effect"] == "hold"


def test_what_is_asked_in_another_way_than_the_protocols_is_judged_by_what_the_model_does(fronted: Fronted) -> None:
    answer = fronted.post("triton", "/v1/models/plates:predict", json={"instances": [[0.0]]})

    assert answer.json()["effect"] == "prohibited"


def test_where_the_files_can_be_read_they_tell(front: Front, recogniser: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "a" / "1"
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(recogniser)
    with InferenceServer({"a": recogniser}) as server:
        fronted = front(triton=f'url = "{server.url}"\nkind = "oip"\nmodels = "{tmp_path}/models"')
        answer = fronted.post("triton", "/v2/models/a/infer", content=HEAD + PICTURE.tobytes(), headers=BINARY)

        assert answer.status_code == 403
        assert server.ran == []  # nobody had to ask it


def test_what_cannot_be_found_out_is_held_until_the_site_says_what_it_does(front: Front, network: Network) -> None:
    from onnx import helper

    nothing = network(
        helper.make_node("Sub", ["in", "in"], ["out"]), shape=(1, 3, 112, 112)
    )  # says the same of whatever it is shown
    with InferenceServer({"a": nothing}) as server:
        said = f'url = "{server.url}"\nkind = "oip"\n'
        fronted = front(plain=said, told=said + 'tasks = {a = "other"}')
        answers = [
            fronted.post(name, "/v2/models/a/infer", content=HEAD + PICTURE.tobytes(), headers=BINARY)
            for name in ("plain", "told")
        ]

    assert [answer.status_code for answer in answers] == [403, 200]
    assert "say it in `tasks`" in answers[0].json()["detail"]


@pytest.fixture(scope="module")
def known(fronted: Fronted) -> Fronted:
    """What `plates` does is found out already: nobody has to run it for that."""
    fronted.post("triton", "/v2/models/plates/infer", content=HEAD + PICTURE.tobytes(), headers=BINARY)
    return fronted


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_done_to_a_request_a_recogniser_is_never_run(
    known: Fronted, served: InferenceServer, data: Any
) -> None:
    head = bytearray(HEAD + bytes(64))
    for _ in range(data.draw(st.integers(0, 4))):
        head[data.draw(st.integers(0, len(head) - 1))] = data.draw(st.integers(0, 255))
    path = bytearray(b"/v2/models/plates/infer")
    if data.draw(st.booleans()):
        path[data.draw(st.integers(1, len(path) - 1))] = data.draw(st.integers(0x21, 0x7E))
    names = ("Inference-Header-Content-Length", "Content-Encoding", "X-HTTP-Method-Override", "Connection", "Host")
    headers = data.draw(st.dictionaries(st.sampled_from(names), st.text("0123456789gzip,;-", max_size=12), max_size=3))
    before = [ran.model for ran in served.ran].count("plates")
    answer = known.raw("triton", path.decode(), bytes(head), headers)

    assert answer.status in (400, 403, 404)
    assert [ran.model for ran in served.ran].count("plates") == before


@pytest.mark.slow
def test_tritons_own_client_is_refused_and_let_through(fronted: Fronted) -> None:
    triton = pytest.importorskip("tritonclient.http")
    tensor = triton.InferInput("in", [1, 3, 112, 112], "FP32")
    tensor.set_data_from_numpy(PICTURE)
    with triton.InferenceServerClient(fronted.url("triton").removeprefix("http://")) as client:
        for compression in (None, "gzip"):
            answer = client.infer("light", [tensor], request_compression_algorithm=compression)
            assert answer.as_numpy("out").shape == (1, 3, 1, 1)
            with pytest.raises(Exception, match="403"):
                client.infer("plates", [tensor], request_compression_algorithm=compression)
        assert client.is_server_ready()


@pytest.mark.slow
def test_recognisers_of_the_zoo_are_found_by_what_they_do_and_nothing_else_is(front: Front, zoo: Path) -> None:
    rows = csv.DictReader((zoo / "INDEX.tsv").read_text().splitlines(), delimiter="\t")
    chosen = {"mbf_rv1126", "mbf_int8_drone", "pfld_112", "yunet_n_320", "gender_lite_nonq_conv", "osnet_x0_25_msmt17"}
    models = {row["name"]: row for row in rows if row["name"] in chosen}
    hidden = {f"model-{number}": row for number, row in enumerate(models.values())}
    with InferenceServer({name: (zoo / row["file"]).read_bytes() for name, row in hidden.items()}) as server:
        fronted = front(zoo=f'url = "{server.url}"\nkind = "oip"')
        statuses = {
            row["name"]: fronted.post("zoo", f"/v2/models/{name}/infer", json={"inputs": []}).status_code
            for name, row in hidden.items()
        }

    assert models.keys() == chosen
    recognisers = {name for name, row in models.items() if row["true_function"] == "face_recogniser"}
    refused = {name for name, status in statuses.items() if status == 403}
    assert recognisers <= refused
    assert refused - recognisers == set()
