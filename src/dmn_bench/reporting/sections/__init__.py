"""Shelf of report sections: one file each, from the record to blocks, computing nothing."""
