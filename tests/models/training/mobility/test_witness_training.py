"""The witness's training, a few stacks of it: what is drawn is labelled as it is shown, and what is written runs."""

from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="the witness is learned with PyTorch")
pytest.importorskip("sklearn", reason="the parts of the repositories are those of the trees")


from facewarden.detector.mobility.witness import AGES, SIZE, Witness
from facewarden.models.training.mobility.witness import augment, clips, motion, network, train

torch: Any = import_module("torch")
COUNT = 64


def made_up() -> clips.Clips:
    """A fixed clip and a mobile one, of noise, 40 pictures each."""
    pictures = np.random.default_rng(1).integers(0, 256, (80, 80, 128), np.uint8)
    begun = np.repeat((0, 40), 40)
    columns = (pictures, begun, np.zeros((80, 4), np.float32), np.array((0, 40)), np.array((40, 40)))
    truths = (np.array((False, True)), np.array((5, 1)), np.ones(2, np.float32), np.array((0, 1)), np.array((0.5, 0.5)))
    return clips.Clips(*(torch.from_numpy(column) for column in (*columns, *truths)))


@pytest.fixture(scope="module")
def batch() -> augment.Batch:
    torch.manual_seed(1)
    return augment.Augmented(made_up(), 15).draw(COUNT)


def test_stacks_have_the_shape_that_the_witness_is_asked_by(batch: augment.Batch) -> None:
    assert batch.looks.shape == (COUNT, len(AGES), SIZE[1], SIZE[0])
    assert batch.looks.min() >= 0
    assert batch.looks.max() <= 255


def test_a_fixed_clip_under_a_hands_motion_is_mobile_and_a_mobile_one_held_still_is_fixed(batch: augment.Batch) -> None:
    of_fixed, of_mobile = batch.fold == 0, batch.fold == 1

    assert 0 < batch.mobile[of_fixed].mean() < 0.6
    assert 0.6 < batch.mobile[of_mobile].mean() < 1
    assert (batch.mount[of_mobile][batch.mobile[of_mobile] == 0] == -1).all()


def test_a_picture_of_no_clip_stands_or_is_moved_by_a_hand_and_is_in_no_part() -> None:
    pictures = np.random.default_rng(2).integers(0, 256, (8, 80, 128), np.uint8)
    torch.manual_seed(1)
    batch = augment.Augmented(clips.with_pictures(made_up(), pictures), 15).draw(4 * COUNT)
    alone = (batch.fold != 0) & (batch.fold != 1)

    assert 0.05 < alone.float().mean() < 0.4
    assert 0.2 < batch.mobile[alone].mean() < 0.8
    assert (batch.mount[alone] == -1).all()


def test_what_is_no_picture_is_left_out_of_a_folder(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((90, 160, 3), 200, np.uint8))
    (tmp_path / "b.txt").write_text("none")

    assert clips.stills(tmp_path).shape == (1, 80, 128)


def test_motion_begins_where_the_newest_look_is() -> None:
    ages = torch.tensor([[0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2]]).repeat(4, 1)
    for way in (motion.sway(ages), motion.turned(ages), motion.hand(made_up(), ages)):
        assert way[:, 0].abs().max() == 0


def test_light_is_taken_away_as_the_witness_takes_it() -> None:
    picture = np.random.default_rng(2).integers(0, 256, (SIZE[1], SIZE[0]), np.uint8)
    ours = train.without_light(torch.from_numpy(picture)[None, None].float())[0, 0].numpy()
    small = picture.astype(np.float32) / 64

    assert ours == pytest.approx(small - cv2.boxFilter(small, -1, (9, 9)), abs=1e-4)


def test_what_is_written_says_what_was_learned(batch: augment.Batch, tmp_path: Path) -> None:
    learner = train.Learner(0, "cpu")
    looks = train.without_light(batch.looks)
    learner.learn(batch, looks, 0, 1e-3)
    learned = learner.averaged()
    network.write(learned, tmp_path / "witness.onnx")

    witness = Witness((tmp_path / "witness.onnx").read_bytes(), "witness.onnx")
    with torch.no_grad():
        assert witness.log_odds(looks[0].numpy()) == pytest.approx(float(learned(looks[:1])[0]), abs=0.01)
