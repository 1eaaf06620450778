"""Runs a source in a process of its own, so that an SDK that crashes or hangs harms nothing else.

source   `IsolatedSource`, the source as the service sees it; it starts a `Child`
child    the worker process as its parent sees it: pipes, log, time limits
worker   the program of that process: it opens the real source and sends its frames
outbox   the queue in front of the pipe
packets  the binary packets on the pipe
"""
