/* json.h - a JSON document as it is printed: for a file, a pipe or a terminal. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

#include "base/buf.h"

/* Appends the document, indented, and a newline. What could move or hide text in a terminal is
 * escaped (ta_text_json()); a reader of JSON sees the same document. */
bool ta_json_print(struct ta_buf *out, const json_t *json, struct ta_error *err);

#endif
