"""The published messages and their encodings."""
