"""The Jointwise service: cameras in, predictions and actions out, live.

`__main__` is the command line, with one command per file in `cli`. `api` is the web application:
its routes are in `api/routes`, one file per subject. `runtime` builds the running service from
these parts: `ingest` takes frames from sources and clients, `engine` runs the model on them,
`publish` sends the results to subscribers, `recording` writes them to files, and `clips` classifies
uploaded recordings. `wire` defines the messages and their encodings. `viewer` is the web page, and
`bench` measures speed.
"""
