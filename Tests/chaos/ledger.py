"""The oracle's ledger: what the jobs' commands have written themselves, whatever the store says."""
import os, threading, time

# The clock is the machine's uptime, which no change of the time of day moves. A long job is long the first time alone, so that the rate is soon full again.
COMMAND = """#!/bin/sh
read -r now idle < /proc/uptime
echo "S $MARTLET_JOB_ID $MARTLET_EPOCH $MARTLET_ATTEMPT $now" >> "$1"
if [ "$MARTLET_ATTEMPT" = 1 ]; then sleep "$2"; else sleep 0.1; fi
echo done
read -r now idle < /proc/uptime
echo "E $MARTLET_JOB_ID $MARTLET_EPOCH $MARTLET_ATTEMPT $now" >> "$1"
"""


def uptime():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Ledger:
    """Reads on where it stopped reading. For several threads."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.starts, self.ends = {}, {}  # job -> [(epoch, uptime)]
        self.times = []  # of the ends, in order
        self.rest = b""
        open(path, "wb").close()
        os.chmod(path, 0o666)
        self.file = open(path, "rb")

    def read(self):
        with self.lock:
            *lines, self.rest = (self.rest + self.file.read()).split(b"\n")
            for line in lines:
                what, job, epoch, _, at = line.decode().split()
                (self.starts if what == "S" else self.ends).setdefault(job, []).append((int(epoch), float(at)))
                if what == "E":
                    self.times.append(float(at))
        return self

    def ended(self):
        """How many jobs have ended at least once."""
        return len(self.read().ends)

    def rate(self, begin, end):
        """Ends a second between two moments of uptime."""
        self.read()
        with self.lock:
            return sum(begin < at <= end for at in self.times) / (end - begin)
