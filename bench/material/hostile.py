"""Files made to do harm to whoever looks at them: `HOSTILE[name](folder)` writes one into a folder, a few bytes each.

They are ONNX graphs, archives and things that are no files at all; those of PyTorch are in `hostile_torch.py`.
"""

# The library's stubs leave its generated messages open.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import gzip
import io
import os
import socket
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Write = Callable[[Path], None]
_F = TensorProto.FLOAT
_PICTURE = [1, 3, 112, 112]
_OPSETS = [helper.make_opsetid("", 13), helper.make_opsetid("own", 1)]


def _graph(
    steps: Sequence[onnx.NodeProto],
    inputs: dict[str, list[int]],
    outputs: Sequence[str] = ("y",),
    stored: Sequence[onnx.TensorProto] = (),
) -> onnx.ModelProto:
    given = [helper.make_tensor_value_info(name, _F, shape) for name, shape in inputs.items()]
    wanted = [helper.make_tensor_value_info(name, _F, None) for name in outputs]
    graph = helper.make_graph(list(steps), "g", given, wanted, list(stored))
    return helper.make_model(graph, opset_imports=_OPSETS, ir_version=8)


def _write(proto: onnx.ModelProto, folder: Path) -> None:
    (folder / "hostile.onnx").write_bytes(proto.SerializeToString())


def beside(second: list[int]) -> Write:
    """A second input of this shape, of which the mean is added."""
    steps = [
        helper.make_node("ReduceMean", ["z"], ["m"], keepdims=0),
        helper.make_node("GlobalAveragePool", ["x"], ["p"]),
        helper.make_node("Add", ["p", "m"], ["y"]),
    ]
    return lambda folder: _write(_graph(steps, {"x": _PICTURE, "z": second}), folder)


def batch(folder: Path) -> None:
    """Takes 50,000 pictures at once, and nothing else."""
    _write(_graph([helper.make_node("GlobalAveragePool", ["x"], ["y"])], {"x": [50_000, 3, 112, 112]}), folder)


def grows(folder: Path) -> None:
    """Makes 14 GB of one number."""
    steps = [
        helper.make_node("Expand", ["one", "shape"], ["e"]),
        helper.make_node("ReduceSum", ["e"], ["s"], keepdims=0),
        helper.make_node("GlobalAveragePool", ["x"], ["p"]),
        helper.make_node("Add", ["p", "s"], ["y"]),
    ]
    one, shape = np.ones(1, np.float32), np.full(2, 60_000)
    stored = [numpy_helper.from_array(one, "one"), numpy_helper.from_array(shape, "shape")]
    _write(_graph(steps, {"x": _PICTURE}, stored=stored), folder)


def loops(folder: Path) -> None:
    """A loop of 2^62 turns."""
    inner = [helper.make_node("Identity", ["c"], ["again"]), helper.make_node("Identity", ["v"], ["w"])]
    state = [("i", TensorProto.INT64, []), ("c", TensorProto.BOOL, []), ("v", _F, _PICTURE)]
    after = [("again", TensorProto.BOOL, []), ("w", _F, _PICTURE)]
    before, behind = ([helper.make_tensor_value_info(*one) for one in side] for side in (state, after))
    body = helper.make_graph(inner, "body", before, behind)
    steps = [
        helper.make_node("Loop", ["most", "yes", "x"], ["l"], body=body),
        helper.make_node("GlobalAveragePool", ["l"], ["y"]),
    ]
    stored = [numpy_helper.from_array(np.array(2**62), "most"), numpy_helper.from_array(np.array(True), "yes")]
    _write(_graph(steps, {"x": _PICTURE}, stored=stored), folder)


def unfolds(folder: Path) -> None:
    """Thirty functions, of which each calls the one before it twice: 2^29 when written out."""
    functions = [helper.make_function("own", "f0", ["a"], ["b"], [helper.make_node("Neg", ["a"], ["b"])], _OPSETS)]
    for number in range(1, 30):
        twice = [helper.make_node(f"f{number - 1}", [a], [b], domain="own") for a, b in ("am", "mb")]
        functions.append(helper.make_function("own", f"f{number}", ["a"], ["b"], twice, _OPSETS))
    proto = _graph([helper.make_node("f29", ["x"], ["y"], domain="own")], {"x": _PICTURE})
    proto.functions.extend(functions)
    _write(proto, folder)


def many_outputs(folder: Path) -> None:
    """10,000 outputs."""
    names = [f"y{number}" for number in range(10_000)]
    _write(_graph([helper.make_node("Identity", ["x"], [name]) for name in names], {"x": _PICTURE}, names), folder)


def sparse_weights(folder: Path) -> None:
    """Thirty tensors, each the whole of one file of a gigabyte that takes no place on the disk."""
    stored = [_elsewhere(f"w{number}", "holes.bin", 1 << 30) for number in range(30)]
    steps = [helper.make_node("Add", ["x", tensor.name], [f"s{tensor.name}"]) for tensor in stored]
    steps.append(helper.make_node("Sum", [step.output[0] for step in steps], ["y"]))
    with (folder / "holes.bin").open("wb") as file:
        file.truncate(1 << 30)
    _write(_graph(steps, {"x": _PICTURE}, stored=stored), folder)


def outside(folder: Path) -> None:
    """Weights that lie outside its folder."""
    stored = [_elsewhere("w0", "../../../../../../etc/passwd", 1 << 8)]
    _write(_graph([helper.make_node("Add", ["x", "w0"], ["y"])], {"x": _PICTURE}, stored=stored), folder)


def pipe_as_weights(folder: Path) -> None:
    """Weights in a pipe that nobody writes to."""
    os.mkfifo(folder / "weights.bin")
    stored = [_elsewhere("w0", "weights.bin", 1 << 8)]
    _write(_graph([helper.make_node("Add", ["x", "w0"], ["y"])], {"x": _PICTURE}, stored=stored), folder)


def _elsewhere(name: str, location: str, size: int) -> onnx.TensorProto:
    tensor = TensorProto(name=name, data_type=_F, dims=[size // 4], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("offset", "0"), ("length", str(size))):
        tensor.external_data.add(key=key, value=value)
    return tensor


def deep(folder: Path) -> None:
    """Graphs within graphs, two in each: a million of them."""
    inner = helper.make_graph(
        [helper.make_node("Neg", ["x"], ["o"])], "g", [], [helper.make_empty_tensor_value_info("o")]
    )
    for _ in range(20):
        step = helper.make_node("If", ["c"], ["o"], then_branch=inner, else_branch=inner)
        if inner.ByteSize() > 1 << 19:
            break
        inner = helper.make_graph([step], "g", [], [helper.make_empty_tensor_value_info("o")])
    steps = [helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)]
    stored = [numpy_helper.from_array(np.array(True), "c")]
    _write(_graph(steps, {"x": _PICTURE}, stored=stored), folder)


def holes(folder: Path) -> None:
    """An ONNX file of 1.9 GB that is nearly all holes."""
    content = _graph([helper.make_node("GlobalAveragePool", ["x"], ["y"])], {"x": _PICTURE}).SerializeToString()
    size = 1_900_000_000
    length = bytes(size >> shift & 127 | (128 if shift < 28 else 0) for shift in range(0, 35, 7))
    with (folder / "hostile.onnx").open("wb") as file:
        file.write(content + b"\x32" + length)  # field 6, the model's doc_string
        file.truncate(file.tell() + size)


def names_of_no_text(folder: Path) -> None:
    """A tensor named by bytes that are no UTF-8, in a file so named."""
    proto = _graph([helper.make_node("GlobalAveragePool", ["x"], ["out"])], {"x": _PICTURE}, ["out"])
    place = os.fsdecode(os.fsencode(folder) + b"/caf\xe9.onnx")
    Path(place).write_bytes(proto.SerializeToString().replace(b"out", b"\xff\xfe\xfd"))


def zip_bomb(folder: Path) -> None:
    """Sixteen zips in a zip, and in each sixteen, and in each a file of 128 MB."""
    content = _zipped({"0.onnx": bytes(1 << 27)})
    for _ in range(3):
        content = _zipped({f"{number}.zip": content for number in range(16)})
    (folder / "hostile.zip").write_bytes(content)


def tar_bomb(folder: Path) -> None:
    """A compressed tar of half a GB of nothing, that says it is more."""
    with gzip.open(folder / "hostile.tar.gz", "wb", 9) as file:
        head = tarfile.TarInfo("big.onnx")
        head.size = 1 << 31
        file.write(head.tobuf())
        for _ in range(16):
            file.write(bytes(1 << 25))


def sparse_tar(folder: Path) -> None:
    """A tar with a sparse member that says it is 1.9 GB long, of which the disk holds a few hundred bytes."""
    content = _graph([helper.make_node("GlobalAveragePool", ["x"], ["y"])], {"x": _PICTURE}).SerializeToString()
    head = tarfile.TarInfo("hostile.onnx")
    size = 1_900_000_000
    content += b"\x32" + bytes(size >> shift & 127 | (128 if shift < 28 else 0) for shift in range(0, 35, 7))
    whole = len(content) + size
    head.size = len(content)
    records = {"GNU.sparse.map": f"0,{len(content)}", "GNU.sparse.size": str(whole), "GNU.sparse.numblocks": "1"}
    head.pax_headers = records
    with (folder / "hostile.tar").open("wb") as file:
        file.write(head.tobuf(tarfile.PAX_FORMAT) + content + bytes(-len(content) % 512) + bytes(1024))


def many_files(folder: Path) -> None:
    """A tar of 300,000 files of nothing, compressed."""
    with gzip.open(folder / "hostile.tgz", "wb", 1) as file:
        for number in range(300_000):
            file.write(tarfile.TarInfo(str(number)).tobuf())


def many_members(folder: Path) -> None:
    """A zip of 300,000 files of nothing."""
    with zipfile.ZipFile(folder / "hostile.zip", "w") as archive:
        for number in range(300_000):
            archive.writestr(zipfile.ZipInfo(str(number)), b"")


def two_names(folder: Path) -> None:
    """A zip of which two files have one name, one of them a recogniser to some and not to others."""
    proto = _graph([helper.make_node("GlobalAveragePool", ["x"], ["y"])], {"x": _PICTURE})
    (folder / "hostile.zip").write_bytes(_zipped({"a/../../../b.onnx": proto.SerializeToString(), "/abs.onnx": b""}))


def arrays_of_nothing(folder: Path) -> None:
    """An .npz of convolutions that say they hold 10^15 numbers each."""
    head = b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little")
    text = b"{'descr': '<f4', 'fortran_order': False, 'shape': (100000, 100000, 1000, 100), }"
    array = head + text.ljust(117) + b"\n"
    (folder / "hostile.npz").write_bytes(_zipped({f"{number}.npy": array for number in range(4)}))


def header_of_tensors(folder: Path) -> None:
    """A safetensors file of which 100,000 tensors are one and the same megabyte."""
    one = '{"dtype":"F32","shape":[64,64,8,8],"data_offsets":[0,1048576]}'
    header = ("{" + ",".join(f'"w{number}":{one}' for number in range(100_000)) + "}").encode()
    (folder / "hostile.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(1 << 20))


def entities(folder: Path) -> None:
    """XML whose entities unfold a billion times."""
    lines = [f'<!ENTITY e{number} "{f"&e{number - 1};" * 10}">' for number in range(1, 10)]
    text = (
        f'<?xml version="1.0"?><net name="&e9;" version="11"><!DOCTYPE net [<!ENTITY e0 "ha">{"".join(lines)}]></net>'
    )
    (folder / "hostile.xml").write_text(text)


def pipe(folder: Path) -> None:
    """A pipe that nobody writes to."""
    os.mkfifo(folder / "hostile.onnx")


def listening(folder: Path) -> None:
    """A socket."""
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(folder / "hostile.onnx"))


def device(folder: Path) -> None:
    """A link to a device that never ends, and, where that may be made, such a device."""
    (folder / "hostile.onnx").symlink_to("/dev/zero")
    with suppress(OSError):
        os.mknod(folder / "zero.onnx", 0o20666, os.makedev(1, 5))


def in_circles(folder: Path) -> None:
    """Links that lead back to where they are."""
    (folder / "again").symlink_to(folder, target_is_directory=True)
    (folder / "hostile.onnx").symlink_to("hostile.onnx")


def _zipped(files: dict[str, bytes]) -> bytes:
    with io.BytesIO() as content:
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return content.getvalue()


HOSTILE: dict[str, Write] = {
    "second input of 60000x60000": beside([60_000, 60_000]),
    "batch of 50,000": batch,
    "14 GB inside": grows,
    "endless loop": loops,
    "2^29 inlined functions": unfolds,
    "10,000 outputs": many_outputs,
    "30 tensors in one sparse file": sparse_weights,
    "weights outside its folder": outside,
    "weights in a pipe": pipe_as_weights,
    "graphs in graphs": deep,
    "1.9 GB of holes": holes,
    "names that are no UTF-8": names_of_no_text,
    "zip bomb, nested": zip_bomb,
    "tar bomb": tar_bomb,
    "sparse file in a tar": sparse_tar,
    "300,000 files in a tar": many_files,
    "300,000 files in a zip": many_members,
    "paths out of a zip": two_names,
    "arrays of 10^15 numbers": arrays_of_nothing,
    "100,000 tensors in one place": header_of_tensors,
    "entities of XML": entities,
    "pipe": pipe,
    "socket": listening,
    "device": device,
    "links in circles": in_circles,
}
