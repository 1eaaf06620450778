"""The routes, one file per subject. `replies` has the helpers that answer a request.

To add a route, write a function in the file of its subject, with the answer's type in `describes`,
or start a new file with a `router` and register it in `service/api/app.py`. The function gets the
running service from a parameter of the type `RunningService` (`service/api/dependencies.py`).
"""
