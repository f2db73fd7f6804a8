/* shape.h - a JSON Schema compiled, for the documents that fit it.
 *
 * ta_schema_check() tells every mistake and where it is; a shape tells nothing, but a document that
 * fits, which is nearly every one, costs it a twentieth of that. It takes no document that
 * the check would not. */
#ifndef BASE_SHAPE_H
#define BASE_SHAPE_H

#include <jansson.h>
#include <stdbool.h>

struct ta_shape;

/* The schema is borrowed. Of the keywords that schema.h knows it takes $ref, type, enum and const
 * (of strings), properties, required, additionalProperties, items and minimum. NULL when there is
 * another one, or memory ran out. */
struct ta_shape *ta_shape_new(const json_t *schema);
struct ta_shape *ta_shape_free(struct ta_shape *shape); /* NULL */

/* Whether the document fits; unknown members do. Integers where the schema has numbers become
 * reals, as far as it came. Memory that runs out does not fit. */
bool ta_shape_fit(const struct ta_shape *shape, json_t *document);

#endif
