"""A TCP proxy between one node and the store, which can be told to swallow everything or to break every connection."""
import selectors, socket, struct, threading


class Proxy:
    """Passes on what comes until it is told otherwise. `port` is where it listens."""

    def __init__(self, target):
        self.target = ("127.0.0.1", target)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.wake, self.waker = socket.socketpair()
        self.selector.register(self.waker, selectors.EVENT_READ)
        self.other, self.pending, self.commands = {}, {}, []
        self.black = self.closed = False
        threading.Thread(target=self.loop, daemon=True).start()

    def tell(self, command):
        self.commands.append(command)
        self.wake.send(b"!")

    def swallow(self):
        """From now on nothing passes, and nobody is told: a cable that was pulled."""
        self.tell("swallow")

    def reset(self):
        """Every connection is reset; new ones pass."""
        self.tell("reset")

    def close(self):
        self.tell("close")

    def loop(self):
        while not self.closed:
            for key, events in self.selector.select():
                if key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj is self.waker:
                    self.obey()
                else:
                    self.pump(key.fileobj, events)

    def obey(self):
        self.waker.recv(1024)
        while self.commands:
            command = self.commands.pop(0)
            if command == "swallow":
                self.black = True
                for end in list(self.other):
                    self.selector.unregister(end)
                continue
            self.black = False
            for end in list(self.other):
                self.drop(end)
            self.closed = command == "close"
        if self.closed:
            self.listener.close()

    def accept(self):
        client, _ = self.listener.accept()
        if self.black:
            self.other[client] = None
            return
        try:
            server = socket.create_connection(self.target, 5)
        except OSError:
            self.abort(client)
            return
        for end, other in ((client, server), (server, client)):
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.other[end], self.pending[end] = other, bytearray()
            self.selector.register(end, selectors.EVENT_READ)

    def pump(self, end, events):
        """Reads from one end to the other, which is not read from while it cannot write."""
        other = self.other.get(end)
        if other is None or self.black:  # The order to swallow may come among the events of one round.
            return
        try:
            if events & selectors.EVENT_WRITE:
                self.flush(end)
            if events & selectors.EVENT_READ and not self.pending[other]:
                data = end.recv(1 << 16)
                if not data:
                    raise ConnectionResetError
                self.pending[other] += data
                self.flush(other)
        except BlockingIOError:
            pass
        except OSError:
            self.drop(end)

    def flush(self, end):
        pending = self.pending[end]
        try:
            del pending[: end.send(pending)]
        except BlockingIOError:
            pass
        other = self.other[end]
        self.selector.modify(end, selectors.EVENT_READ | (selectors.EVENT_WRITE if pending else 0))
        if pending:
            self.selector.modify(other, selectors.EVENT_WRITE if self.pending[other] else selectors.EVENT_READ)

    def drop(self, end):
        for one in (end, self.other.get(end)):
            if one is None or one not in self.other:
                continue
            del self.other[one]
            self.pending.pop(one, None)
            try:
                self.selector.unregister(one)
            except KeyError:
                pass
            self.abort(one)

    @staticmethod
    def abort(end):
        """Closes with a reset."""
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.close()
