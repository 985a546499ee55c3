"""Ctrl-C by stages: the first one ends what goes on until somebody has seen enough, and what follows then (delivery,
comparison) is done; the second one ends the test where it stands."""
import os
import signal
import threading

ENOUGH = threading.Event()  # asked, never waited for: its lock must be free whenever a signal comes
CODE = 130  # the exit code of what was ended by the second one


def listen(words, pass_on=()):
    """words: told at the first one. pass_on: processes that hear what we hear; they are in no group of the terminal's."""
    def on(*_):
        second = ENOUGH.is_set()
        ENOUGH.set()
        for p in pass_on:
            p.send_signal(signal.SIGINT)
        if second:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is ending
            raise KeyboardInterrupt
        os.write(2, words.encode())
    signal.signal(signal.SIGINT, on)
