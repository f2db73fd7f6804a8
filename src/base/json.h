/* json.h - what every stage does with JSON documents beside jansson's own. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"

/* The string in a member: NULL, or "", when there is none. Borrowed. */
const char *ta_json_string(const json_t *object, const char *name);
const char *ta_json_text(const json_t *object, const char *name);

/* Sets a member to a new reference; false when memory ran out, for the value (NULL) too. */
bool ta_json_set(json_t *object, const char *name, json_t *value);

/* As json_copy(), but NULL when memory ran out: that one has no word for a member it lost. */
json_t *ta_json_copy(const json_t *object);

/* Whether the document has a string, at any depth, of which holds(string, word) is true. */
bool ta_json_any_string(const json_t *json, bool (*holds)(const char *string, const char *word),
			const char *word);

enum ta_json_layout { TA_JSON_PAGE /* indented */, TA_JSON_LINE };

/* Appends the document and a newline. What could move or hide text in a terminal is
 * escaped (ta_text_json()); a reader of JSON sees the same document. */
bool ta_json_print(struct ta_buf *out, const json_t *json, enum ta_json_layout layout,
		   struct ta_error *err);

/* The number of a text in an object that has nothing else: 1, 2, ... as new texts come. 0 when
 * memory ran out. */
size_t ta_json_number_of(json_t *numbers, const char *text);

#endif
