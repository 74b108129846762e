"""DBOS on PostgreSQL: a job is a workflow in a queue."""
import os, sys, threading

import protocol
from dbos import DBOS, DBOSClient

if sys.argv[1] in ("prepare", "work"):
    # An executor recovers what its own name held, so each worker needs one of its own.
    DBOS(config={
        "name": "peer", "system_database_url": protocol.URL, "application_version": "1", "executor_id": str(os.getpid()), "log_level": "ERROR"})

    @DBOS.workflow(name="nothing")
    def nothing(payload):
        protocol.ran(payload)

    DBOS.launch()
    DBOS.register_queue("peer")
    if sys.argv[1] == "work":
        threading.Event().wait()
    DBOS.destroy()
else:
    client = DBOSClient(system_database_url=protocol.URL)
    options = {"queue_name": "peer", "workflow_name": "nothing", "app_version": "1", "application_name": "peer"}
    protocol.produce(lambda payload: client.enqueue(options, payload) and None)
