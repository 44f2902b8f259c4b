"""Static rules over Python code for patterns that lead to known errors.

`files` finds the files, `module` parses one and has queries on its tree, `rules` lists the rules, `scan`
applies them. A rule sees one file and follows no value through functions, so a hit does not prove an error.
"""
