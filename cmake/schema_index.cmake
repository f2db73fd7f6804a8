# Turns IN, rules/schema/snapshot.schema.json, into OUT: the same schema without the words for people
# (descriptions, units, sources), which are more than half of it. Documents are checked and
# conditions compiled with what is left. A member is a line of its own in IN.
file(READ "${IN}" schema)
string(REGEX REPLACE "\n *\"(description|x-unit|x-source|x-since)\": [^\n]*" "" schema "${schema}")
string(REGEX REPLACE ",(\n *})" "\\1" schema "${schema}")
string(REGEX REPLACE "\n *" "" schema "${schema}") # no string has a line break
file(WRITE "${OUT}" "${schema}")
