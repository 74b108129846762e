"""beanstalkd, with workers in Python."""
import sys

import greenstalk, protocol

host, port = protocol.URL.removeprefix("beanstalk://").split(":")
client = greenstalk.Client((host, int(port)))

if sys.argv[1] == "work":
    while True:
        job = client.reserve()
        protocol.ran(job.body)
        client.delete(job)
protocol.produce(lambda payload: client.put(payload) and None)
