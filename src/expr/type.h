/* type.h - what the checker asks of types beyond expr.h. */
#ifndef EXPR_TYPE_H
#define EXPR_TYPE_H

#include "base/text.h"
#include "tcpadvise/expr.h"

static inline bool ta_type_is(const struct ta_type *type, enum ta_kind kind)
{
	return ta_type_kind(type) == kind;
}

const struct ta_type *ta_type_key(const struct ta_type *type); /* map: its keys; object: string */

/* The type of "either of them": the same when they are the same, else dyn. */
const struct ta_type *ta_type_join(const struct ta_type *a, const struct ta_type *b);

/* Whether == can ever hold between values of them. */
bool ta_type_comparable(const struct ta_type *a, const struct ta_type *b);

/* A field by a name that may hold NUL. */
const struct ta_type *ta_type_get_n(const struct ta_type *object, const char *field, size_t len);

/* All field names, to find the nearest; or, in their order, as "a, b, c" when there are few. */
void ta_type_offer_fields(const struct ta_type *object, struct ta_nearest *nearest);
bool ta_type_list_fields(const struct ta_type *object, char *buf, size_t size);

#endif
