import numpy as np

from facewarden.detector.environment.faces import Face, FaceDetector, ScriptedFaces

POINTS = np.zeros((5, 2), np.float32)
WEAK, STRONG = Face((0, 0, 30, 40), 0.6, POINTS), Face((50, 0, 30, 40), 0.9, POINTS)
PICTURE = np.zeros((180, 320), np.uint8)


def test_a_script_is_played_picture_by_picture_and_ends_without_faces() -> None:
    detector: FaceDetector = ScriptedFaces([[WEAK], [], [WEAK, STRONG]])

    assert [detector.detect(PICTURE) for _ in range(4)] == [[WEAK], [], [STRONG, WEAK], []]
