"""What schemathesis cannot know by itself."""

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_context, value):
    """Lines of JSON are sent as they are."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@schemathesis.hook
def before_call(_context, case, _kwargs):
    """A claim may wait for a minute, and here mostly waits in vain: what is a sane wait stays one, but short."""
    if case.path != "/v1/claim" or not isinstance(case.body, dict):
        return
    wait = case.body.get("wait")
    if isinstance(wait, (int, float)) and not isinstance(wait, bool) and 0 < wait <= 60:
        case.body = {**case.body, "wait": 0.01}
    if isinstance(wait, str) and wait.startswith("PT") and wait.endswith("S") and wait[2:-1].isdigit() and int(wait[2:-1]) <= 60:
        case.body = {**case.body, "wait": "PT0S"}
