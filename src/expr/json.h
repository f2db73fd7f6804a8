/* json.h - what values to JSON and to the typed form have in common. */
#ifndef EXPR_JSON_H
#define EXPR_JSON_H

#include <jansson.h>

#include "base/macros.h"
#include "tcpadvise/expr.h"

static inline void ta_json_decref_p(json_t **json)
{
	json_decref(*json);
}

#define ta_auto_json ta_auto(ta_json_decref_p)

/* Whether a list or map can be written in reasonable time and space. Values share what they have in
 * common and text does not: [1].map(x, [x, x]).map(x, [x, x]) ... is small, until it is written.
 * What is borrowed JSON as a whole is as large as its document, and always can. */
bool ta_value_is_writable(const struct ta_value *value);

#endif
