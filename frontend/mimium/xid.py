#!/usr/bin/env python3
"""Writes xid.def: which code points beyond ASCII may start and continue an identifier.

Run it as `./xid.py > xid.def` when a newer Unicode is wanted.  Python's str.isidentifier is defined by the properties
XID_Start and XID_Continue, so its answers are the tables.
"""
import unicodedata


def ranges(accepts):
    start = None
    for code in range(0x80, 0x110001):
        inside = code < 0x110000 and not 0xD800 <= code <= 0xDFFF and accepts(chr(code))
        if inside and start is None:
            start = code
        elif not inside and start is not None:
            yield start, code - 1
            start = None


def write(macro, accepts):
    cells = [f"{macro}(0x{first:x}, 0x{last:x})" for first, last in ranges(accepts)]
    line = ""
    for cell in cells:
        if line and len(line) + 1 + len(cell) > 110:
            print(line)
            line = ""
        line = f"{line} {cell}" if line else cell
    print(line)


print(f"""/* xid.def -- written by xid.py from Unicode {unicodedata.unidata_version}; do not edit.
 *
 * Code points beyond ASCII, first and last of each range, ascending: JR_XID_START may start an identifier,
 * JR_XID_ONLY_CONTINUE may only continue one.  Define both, include this file; it undefines them again. */""")
write("JR_XID_START", lambda c: c.isidentifier())
write("JR_XID_ONLY_CONTINUE", lambda c: ("a" + c).isidentifier() and not c.isidentifier())
print("#undef JR_XID_START\n#undef JR_XID_ONLY_CONTINUE")
