"""The web application: page, REST routes and websockets.

`routes` has one file per subject. To add a REST route, write it in the file of its subject there
(a new file's router is registered in `app`), add its answer to `service/wire/answers.py` and to the
list in `openapi`, and an example of it to `examples`. `asyncapi` describes the websockets, with the
examples in `message_examples`; `schemas` takes the descriptions of fields from their docstrings.
`access` checks hosts, origins and tokens before every route. `server` runs the application;
`direct_socket` makes its websockets fast.
"""
