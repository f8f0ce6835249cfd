"""File formats, one file each: what lies in a reference set becomes a Request; the only room that opens such files."""
