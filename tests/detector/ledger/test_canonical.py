import json

import msgspec
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from facewarden.detector.ledger.canonical import canonical, canonical_line

texts = st.text(st.characters(exclude_categories=["Cs"])) | st.text(st.characters(codec="ascii"))
numbers = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.floats(-1e6, 1e6)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda part: st.lists(part, max_size=4) | st.dictionaries(texts, part, max_size=4),
)


@settings(max_examples=300)
@given(values)
def test_the_text_is_that_of_another_implementation(value: object) -> None:
    assert canonical(value) == canonical_line(msgspec.json.encode(value)) == rfc8785.dumps(value)  # pyright: ignore


@given(values)
def test_the_text_is_the_value_again(value: object) -> None:
    assert json.loads(canonical(value), parse_int=float) == value


@pytest.mark.parametrize("number", [2**53, -(2**53), 2**63])
def test_a_number_that_readers_would_not_agree_on_is_a_text(number: int) -> None:
    assert canonical_line(msgspec.json.encode({"n": number})) == b'{"n":"%d"}' % number


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), (1,)])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="is no JSON"):
        canonical(value)
