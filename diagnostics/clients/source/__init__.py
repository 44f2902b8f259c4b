"""Reading Python without running it: what in it leads to known errors.

`files` finds what to read, `module` parses one file and answers questions about it, the other modules are
families of rules, and `table` lists them. A rule sees one file, follows no value through functions and knows
no other file: it raises a suspicion and proves nothing.
"""
