"""Ctrl-C by stages: the first one ends what goes on until somebody has seen enough, and what follows then (delivery,
comparison) is done; the second one ends the test where it stands."""
import os
import signal
import threading

# Asked, never waited for: their locks must be free whenever a signal comes.
ENOUGH, ABORT = threading.Event(), threading.Event()
CODE = 130  # the exit code of what was ended by the second one


def listen(words, groups=()):
    """words: told at the first one. groups: processes that hear it from us and end by themselves, and we when they have;
    those that have not are killed by a third one."""
    def on(*_):
        if ABORT.is_set():
            for p in groups:
                p.kill()
            return
        (ABORT if ENOUGH.is_set() else ENOUGH).set()
        for p in groups:
            p.send_signal(signal.SIGINT)
        if not ABORT.is_set():
            os.write(2, words.encode())
        elif not groups:
            raise KeyboardInterrupt
    signal.signal(signal.SIGINT, on)
