/* json.h - scope clean-up of JSON references. */
#ifndef EXPR_JSON_H
#define EXPR_JSON_H

#include <jansson.h>

#include "base/macros.h"

static inline void ta_json_decref_p(json_t **json)
{
	json_decref(*json);
}

#define ta_auto_json ta_auto(ta_json_decref_p)

#endif
