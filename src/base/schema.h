/* schema.h - JSON Schema (2020-12), the part of it that our own schemas use.
 *
 * $ref into the same document, type, enum, const, properties, required, additionalProperties,
 * propertyNames, items, minItems, minLength, minProperties, maxProperties, minimum, pattern
 * (POSIX extended), oneOf. Every mistake of a document is reported, each with the JSON pointer
 * (RFC 6901) of the value that is wrong. */
#ifndef BASE_SCHEMA_H
#define BASE_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* hint is the nearest right name or "". on_key: the mistake is the member's name. */
typedef void ta_schema_report(void *ctx, const char *pointer, bool on_key, const char *text,
			      const char *hint);

/* Whether members that the schema does not name are mistakes. */
enum ta_schema_strictness {
	TA_SCHEMA_CLOSED,
	TA_SCHEMA_OPEN, /* a document of a newer version: unknown members are passed over */
};

/* Returns the number of mistakes; report may be NULL. Memory that runs out is a mistake too. */
size_t ta_schema_check(const json_t *schema, const json_t *document,
		       enum ta_schema_strictness strictness, ta_schema_report *report, void *ctx);

/* The node that node stands for: follows "$ref" into root. */
const json_t *ta_schema_deref(const json_t *root, const json_t *node);

#endif
