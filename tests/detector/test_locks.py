"""A lock that a forked child finds open."""

import os
import threading

from facewarden.detector.locks import Lock


def test_one_thread_at_a_time_is_inside() -> None:
    lock, total = Lock(), [0]

    def add() -> None:
        for _ in range(1000):
            with lock:
                before = total[0]
                total[0] = before + 1

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert total == [8000]


def test_a_child_that_was_forked_while_another_thread_was_inside_can_go_in() -> None:
    lock, inside, leave = Lock(), threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            inside.set()
            leave.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait()
    if (pid := os.fork()) == 0:
        with lock:
            os._exit(7)
    _, status = os.waitpid(pid, 0)
    leave.set()
    thread.join()
    assert os.waitstatus_to_exitcode(status) == 7
