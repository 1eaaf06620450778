"""Benchmarks behind `jointwise bench`.

`model` and `steps` time the model alone. `trial` runs simulated cameras (`client`, `cameras`,
`links`) against the real service or against bare websockets (`sink`), each in a `process` of its
own; `report` shows the trials. `soak` checks for memory growth.
"""
