"""The commands of `jointwise`, one per file.

To add a command, write its function in a new file here and register it in `service/__main__.py`.
`options` holds options that several commands share; `exit` prints an error and ends the command.
A command imports models and server code inside its function, so that `jointwise --help` is quick.
"""
