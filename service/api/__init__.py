"""The web application: page, REST routes and websockets.

`routes` has one file per subject. To add a REST route, write it in the file of its subject there
(a new file's router is registered in `app`), and add its answer to `service/wire/answers.py` and to
the list in `openapi`. `access` checks hosts, origins and tokens before every route. `server` runs
the application; `direct_socket` makes its websockets fast.
"""
