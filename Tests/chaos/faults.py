"""The register of faults. A fault is a generator: what is before its `yield` prepares the scenario, what is after it is the strike, which ends healed."""
SERVERS = ("postgres", "redis")
EVERY = ("sqlite", *SERVERS)
REGISTER = {}


class Fault:
    def __init__(self, name, course, stores, short):
        self.name, self.course, self.stores, self.short = name, course, stores, short


def fault(*stores, short=()):
    """Enters a function under its name, against these kinds of stores; `short` are those of the short set."""

    def enter(course):
        name = course.__name__.replace("_", "-")
        REGISTER[name] = Fault(name, course, stores, short)
        return course

    return enter
