/* regex.c - see regex.h. */
#include "expr/regex.h"

#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* PCRE2 backtracks, so a pattern may take exponential time. Its match limit ends that. Nearly
 * every match needs few steps; one that needs more is tried again with more, and is charged. */
enum {
	FEW_STEPS = 2000,
	MOST_STEPS = 200000,
	HEAP_KIB = 4096, /* for backtracking points */
	COST_OF_MATCH = 50,
	COST_OF_COMPILE = 200,
	BYTES_A_STEP = 32,
};

struct ta_regex_scratch {
	pcre2_match_data *match;
	pcre2_match_context *context;
};

void *ta_regex_compile(const char *pattern, size_t len, char *ret_text, size_t size,
		       size_t *ret_offset)
{
	PCRE2_SIZE offset = 0;
	int error = PCRE2_ERROR_NOMEMORY;
	pcre2_code *code;

	*ret_offset = 0;
	ret_text[0] = '\0';
	if (len > TA_REGEX_MAX_PATTERN) {
		snprintf(ret_text, size, "the pattern is longer than %d bytes",
			 TA_REGEX_MAX_PATTERN);
		return NULL;
	}
	/* the options are RE2's meaning of "$", and no look into half a character */
	code = pcre2_compile((PCRE2_SPTR)pattern, len,
			     PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C, &error,
			     &offset, NULL);
	if (code)
		return code;
	*ret_offset = offset;
	if (error != PCRE2_ERROR_NOMEMORY && error != 121 /* the same of the compiler */)
		pcre2_get_error_message(error, (PCRE2_UCHAR *)ret_text, size);
	return NULL;
}

void ta_regex_free(void *regex)
{
	pcre2_code_free(regex);
}

struct ta_regex_scratch *ta_regex_scratch_free(struct ta_regex_scratch *scratch)
{
	if (scratch) {
		pcre2_match_data_free(scratch->match);
		pcre2_match_context_free(scratch->context);
		free(scratch);
	}
	return NULL;
}

static struct ta_regex_scratch *scratch_new(void)
{
	struct ta_regex_scratch *scratch = calloc(1, sizeof(*scratch));

	if (!scratch)
		return NULL;
	scratch->match = pcre2_match_data_create(1, NULL);
	scratch->context = pcre2_match_context_create(NULL);
	if (!scratch->match || !scratch->context)
		return ta_regex_scratch_free(scratch);
	pcre2_set_heap_limit(scratch->context, HEAP_KIB);
	return scratch;
}

/* The scratch memory of the evaluator, made when it is needed first. */
static struct ta_regex_scratch *scratch_of(struct ta_run *run)
{
	if (!run->eval->regex)
		run->eval->regex = scratch_new();
	return run->eval->regex;
}

static int try_match(struct ta_regex_scratch *scratch, const pcre2_code *code,
		     const struct ta_value *text, uint32_t steps)
{
	const char *subject = text->as.str.len ? text->as.str.ptr : "";

	pcre2_set_match_limit(scratch->context, steps);
	return pcre2_match(code, (PCRE2_SPTR)subject, text->as.str.len, 0, 0, scratch->match,
			   scratch->context);
}

static bool match(struct ta_run *run, const struct ta_node *node, const pcre2_code *code,
		  const struct ta_value *text, bool *ret)
{
	struct ta_regex_scratch *scratch = scratch_of(run);
	char reason[120];
	int result;

	if (!scratch)
		return ta_run_no_memory(run, node->mark);
	if (!ta_run_spend(run, node->mark, COST_OF_MATCH + text->as.str.len / BYTES_A_STEP))
		return false;
	result = try_match(scratch, code, text, FEW_STEPS);
	if (result == PCRE2_ERROR_MATCHLIMIT) {
		if (!ta_run_spend(run, node->mark, MOST_STEPS))
			return false;
		result = try_match(scratch, code, text, MOST_STEPS);
	}
	if (result >= 0 || result == PCRE2_ERROR_NOMATCH) {
		*ret = result >= 0;
		return true;
	}
	if (result == PCRE2_ERROR_NOMEMORY)
		return ta_run_no_memory(run, node->mark);
	if (result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_HEAPLIMIT)
		return ta_run_limit(run, node->mark, "the pattern takes too long on this text");
	pcre2_get_error_message(result, (PCRE2_UCHAR *)reason, sizeof(reason));
	return ta_run_fail(run, node->mark, "matches(): %s", reason);
}

bool ta_regex_match(struct ta_run *run, const struct ta_node *node, const void *regex,
		    const struct ta_value *pattern, const struct ta_value *text, bool *ret)
{
	char reason[120];
	size_t offset;
	void *own;
	bool ok;

	if (regex)
		return match(run, node, regex, text, ret);
	if (!ta_run_spend(run, node->mark, COST_OF_COMPILE + pattern->as.str.len))
		return false;
	own = ta_regex_compile(pattern->as.str.len ? pattern->as.str.ptr : "", pattern->as.str.len,
			       reason, sizeof(reason), &offset);
	if (!own && !reason[0])
		return ta_run_no_memory(run, node->mark);
	if (!own)
		return ta_run_fail(run, node->mark, "bad pattern: %s at byte %zu", reason, offset);
	ok = match(run, node, own, text, ret);
	ta_regex_free(own);
	return ok;
}
