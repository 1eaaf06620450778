"""The routes, one file per subject. `replies` has the helpers that answer a request.

To add a route, write a function in the file of its subject, with the answer's type and the texts of
its errors in `describes`, or start a new file with a `router` and register it in
`service/api/app.py`. The first line of its docstring is published as its summary, the rest as its
description. The function gets the running service from a parameter of the type `RunningService`
(`service/api/dependencies.py`).
"""
