"""Networks of ncnn are not run; of those that make a picture of a picture the steps alone say enough."""

import pytest

from facewarden.detector.errors import ModelError
from facewarden.detector.identity import identify_bytes
from facewarden.detector.identity.known import Knowledge

NOTHING = Knowledge()
INPUT = "Input data 0 1 data"


def told(*steps: str) -> bool | None:
    """What is said of a network of these steps."""
    return identify_bytes("\n".join(["7767517", "9 9", *steps]).encode(), "a.param", NOTHING).recogniser


def test_what_makes_a_picture_larger_is_no_recogniser() -> None:
    assert (
        told(
            INPUT,
            "Split again 1 2 data a b",
            "Convolution conv 1 1 a c 0=12 1=3 4=1 5=1 6=324",
            "PReLU act 1 1 c d 0=12",
            "PixelShuffle up 1 1 d e 0=2",
            "Interp also 1 1 b f 0=1 1=2.000000e+00 2=2.000000e+00",
            "BinaryOp sum 2 1 e f out",
        )
        is False
    )


@pytest.mark.parametrize(
    "down",
    [
        "Convolution down 1 1 data a 0=8 1=3 3=2 4=1 5=1 6=216 -23310=1,2.0e-01",
        "Pooling down 1 1 data a 0=0 1=2 2=2",
    ],
)
def test_what_makes_it_small_is_undecided_but_where_it_is_made_large_again(down: str) -> None:
    assert told(INPUT, down) is None
    assert told(INPUT, down, "Deconvolution up 1 1 a b 0=3 1=2 3=2 4=0 5=1 6=96") is False


@pytest.mark.parametrize(
    "whole",
    [
        "InnerProduct whole 1 1 data a 0=512 1=1 2=9",
        "Pooling whole 1 1 data a 0=1 4=1",
        "Convolution whole 1 1 data a 0=128 1=112 6=9",
        "Somebodys whole 1 1 data a",
    ],
)
def test_what_sees_the_whole_picture_is_undecided_whatever_else_comes_out(whole: str) -> None:
    assert told(INPUT, whole) is None
    assert told("Input data 0 1 other", "Split again 1 2 other data b", whole, "ReLU act 1 1 b out") is None
    assert told("Input data 0 1 other", "Split again 1 2 other data b", whole, "BinaryOp mix 2 1 b a out") is None


@pytest.mark.parametrize("steps", ["Input", "Input data 0 x data", "ReLU a 1 1 nowhere b", "Interp a 1 1 data b 1=nan"])
def test_a_text_that_is_no_network_is_an_error_of_ours(steps: str) -> None:
    with pytest.raises(ModelError, match="no network of ncnn"):
        told(INPUT, steps)
