"""What schemathesis does not know by itself: lines of JSON are sent as they are."""

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_context, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
