"""As much of a client of PostgreSQL and of Redis as the faults need, on the standard library and the libpq that Martlet itself stands on."""
import ctypes, ctypes.util, socket


class Postgres:
    """A connection. Not for two threads at once."""

    _library = None

    @classmethod
    def library(cls):
        if cls._library is None:
            pq = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so.5")
            for name in ("PQconnectdb", "PQexec"):
                getattr(pq, name).restype = ctypes.c_void_p
            for name in ("PQerrorMessage", "PQresultErrorMessage", "PQgetvalue"):
                getattr(pq, name).restype = ctypes.c_char_p
            cls._library = pq
        return cls._library

    def __init__(self, url, application="chaos"):
        self.pq = self.library()
        separator = "&" if "?" in url else "?"
        self.connection = ctypes.c_void_p(self.pq.PQconnectdb(f"{url}{separator}application_name={application}&connect_timeout=5".encode()))
        if self.pq.PQstatus(self.connection) != 0:
            message = self.pq.PQerrorMessage(self.connection).decode().strip()
            self.close()
            raise ConnectionError(message)

    def execute(self, sql):
        """The rows, as lists of text."""
        result = ctypes.c_void_p(self.pq.PQexec(self.connection, sql.encode()))
        try:
            if self.pq.PQresultStatus(result) not in (1, 2):
                raise ConnectionError(self.pq.PQerrorMessage(self.connection).decode().strip())
            columns = range(self.pq.PQnfields(result))
            return [[self.pq.PQgetvalue(result, row, column).decode() for column in columns] for row in range(self.pq.PQntuples(result))]
        finally:
            self.pq.PQclear(result)

    def close(self):
        self.pq.PQfinish(self.connection)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Redis:
    """A connection that sends one command and reads its answer."""

    def __init__(self, port, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.file = self.socket.makefile("rb")

    def send(self, *words):
        encoded = [str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded))

    def read(self):
        line = self.file.readline()
        if not line:
            raise ConnectionError("Redis has closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2].decode()
        if kind == b"*":
            return None if rest == b"-1" else [self.read() for _ in range(int(rest))]
        return rest.decode()

    def __call__(self, *words):
        self.send(*words)
        return self.read()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
