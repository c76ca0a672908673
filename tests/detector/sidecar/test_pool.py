"""Work of many sources by a few threads."""

import threading

from facewarden.detector.sidecar.pool import Pool


def test_work_that_fails_does_not_take_the_thread_from_the_others() -> None:
    done = threading.Event()

    def fails() -> bool:
        raise ValueError("a picture that nobody expected")

    def works() -> bool:
        done.set()
        return False

    pool = Pool(1)
    pool.wake(fails)
    pool.wake(works)
    assert done.wait(5.0)
    pool.close()


def test_what_has_more_to_do_waits_for_its_turn() -> None:
    order: list[str] = []
    start, done = threading.Event(), threading.Event()

    def much() -> bool:
        start.wait(5.0)
        order.append("much")
        if len(order) == 3:
            done.set()
        return len(order) < 3

    def little() -> bool:
        order.append("little")
        return False

    pool = Pool(1)
    pool.wake(much)
    pool.wake(little)
    start.set()
    assert done.wait(5.0)
    pool.close()
    assert order == ["much", "little", "much"]
