import numpy as np

from facewarden.detector.identity.probes import NO_FACE, PEOPLE, probes


def test_the_probes_are_the_same_every_time() -> None:
    again = probes.__wrapped__()

    assert (again.pictures == probes().pictures).all()


def test_the_first_few_probes_hold_pairs_of_the_same_and_of_different_people() -> None:
    few = probes().people[: probes().glance]

    assert (len(set(few)), len(few)) == (3, 6)
    assert NO_FACE not in few


def test_every_person_is_there_and_no_picture_twice() -> None:
    pictures = probes().pictures

    assert pictures.dtype == np.uint8
    assert pictures.shape[1:] == (112, 112)
    assert set(probes().people) == {NO_FACE, *range(PEOPLE)}
    assert len({picture.tobytes() for picture in pictures}) == len(pictures)
