/* source.h - the text of a pack, and what is wrong in it, shown to a person. */
#ifndef RULES_SOURCE_H
#define RULES_SOURCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/resource.h"
#include "tcpadvise/error.h"

#define TA_BUILTIN_PREFIX "built-in:"

struct ta_source {
	char *name; /* file, or "built-in:ports.json" */
	const char *text;
	size_t len;
	char *copy;        /* of the text; NULL: it was compiled in */
	bool is_index;     /* what was compiled in, without the words of findings */
	json_t *json;      /* NULL when the text is no JSON, or not even an object */
	json_t *misshapen; /* pointers that the schema has reported: nothing is said of them twice
			    */
};

/* Collects all mistakes of all files as "name:line:column: error: ..." with a caret. */
struct ta_mistakes {
	struct ta_buf text;
	size_t count;
};

enum { TA_MISTAKES_TOLD = 500 };          /* more are counted, no more */
enum { TA_SOURCE_MAX = 4 * 1024 * 1024 }; /* bytes of one pack */

/* Where in a value the mistake is. */
struct ta_place {
	const char *pointer; /* JSON pointer of the value */
	bool on_key;         /* the member's name is meant */
	bool in_string;      /* offset and length are bytes of the (decoded) string */
	size_t offset, length;
};

/* Copies name and text and parses; a syntax error is a mistake, json stays NULL. NULL when
 * memory ran out. */
struct ta_source *ta_source_new(const char *name, const char *text, size_t len,
				struct ta_mistakes *mistakes);
/* The same of a pack that was compiled in and has no mistakes; text is its whole or its index. */
struct ta_source *ta_source_builtin(const char *pack, const struct ta_resource *text);
struct ta_source *ta_source_free(struct ta_source *source);

/* Whether it was compiled in. Such a pack was checked when it was built (rules check and
 * tree/packs, two tests): an audit need not pay for its shape and for names that come twice again.
 */
bool ta_source_is_builtin(const struct ta_source *source);

/* Appends a mistake; hint may be "". */
void ta_mistake(struct ta_mistakes *mistakes, const struct ta_source *source,
		const struct ta_place *place, const char *text, const char *hint);

#endif
