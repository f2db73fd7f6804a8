/* builder.h - building a JSON document without a check after every value.
 *
 * A failure (memory) sticks: later calls do nothing, containers come out as NULL and are taken
 * as such, and ta_builder_finish() reports it once. Text is made valid UTF-8 on the way in. */
#ifndef SNAPSHOT_BUILDER_H
#define SNAPSHOT_BUILDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "tcpadvise/error.h"

struct ta_builder {
	json_t *root;
	json_t *gaps;        /* becomes the last member of root */
	const char *gaps_in; /* the network namespace that gaps are of; NULL: of none */
	struct ta_buf text;
	bool failed;
};

/* Begins a document: an object that ends with "gaps". */
void ta_builder_init(struct ta_builder *builder);
void ta_builder_done(struct ta_builder *builder);

/* Adds the gaps and hands the document over, or fails when anything failed. */
bool ta_builder_finish(struct ta_builder *builder, json_t **ret, struct ta_error *err);

/* Members of an object. A number above INT64_MAX is left out: JSON readers can't hold it. */
void ta_build_int(struct ta_builder *builder, json_t *object, const char *key, int64_t value);
void ta_build_uint(struct ta_builder *builder, json_t *object, const char *key, uint64_t value);
/* Rounded to two decimals; below 1 to four, below a thousandth not at all. */
void ta_build_real(struct ta_builder *builder, json_t *object, const char *key, double value);
void ta_build_bool(struct ta_builder *builder, json_t *object, const char *key, bool value);
void ta_build_text(struct ta_builder *builder, json_t *object, const char *key, const char *text);
void ta_build_text_n(struct ta_builder *builder, json_t *object, const char *key, const char *text,
		     size_t len);

/* New containers, borrowed from their parent. */
json_t *ta_build_object(struct ta_builder *builder, json_t *object, const char *key);
json_t *ta_build_array(struct ta_builder *builder, json_t *object, const char *key);
json_t *ta_build_row(struct ta_builder *builder, json_t *array); /* an object in an array */
void ta_build_element(struct ta_builder *builder, json_t *array, int64_t value);

/* Puts a value under key and owns it from here on; NULL counts as a failed allocation. */
void ta_build_value(struct ta_builder *builder, json_t *object, const char *key, json_t *value);

/* An entry of gaps[]: what is missing, why, and the paths of the facts, ended by NULL. */
void ta_build_gap(struct ta_builder *builder, const char *what, const char *why, ...)
	__attribute__((sentinel));

/* Gaps from here on are those of this network namespace (borrowed; NULL: of none). What several
 * namespaces lack for the same reason becomes one gap, even if its numbers differ, and the finished
 * document says where that is. For a document with one namespace there is nothing to say. */
void ta_build_gaps_in(struct ta_builder *builder, const char *namespace_);

#endif
