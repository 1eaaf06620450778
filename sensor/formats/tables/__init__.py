"""Files of unknown form, as tables of numbers.

table             CSV and JSON become a `Table` with named columns
column_map        which columns hold which joints, in a TOML or JSON file
mapped_reader     reads a table by such a map
"""
