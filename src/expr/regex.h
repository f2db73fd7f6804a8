/* regex.h - matches(): regular expressions as RE2 reads them, matched in bounded time. */
#ifndef EXPR_REGEX_H
#define EXPR_REGEX_H

#include "expr/run.h"

enum { TA_REGEX_MAX_PATTERN = 4096 }; /* bytes */

/* NULL: *ret_text (of size bytes) says why and *ret_offset where in the pattern; the text is
 * empty when memory ran out. */
void *ta_regex_compile(const char *pattern, size_t len, char *ret_text, size_t size,
		       size_t *ret_offset);
void ta_regex_free(void *regex); /* NULL */

struct ta_regex_scratch *ta_regex_scratch_free(struct ta_regex_scratch *scratch); /* NULL */

/* regex is compiled, or NULL: then from pattern. */
bool ta_regex_match(struct ta_run *run, const struct ta_node *node, const void *regex,
		    const struct ta_value *pattern, const struct ta_value *text, bool *ret);

#endif
