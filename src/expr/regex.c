/* regex.c - see regex.h.
 *
 * Patterns are regular expressions in the strict sense (re2.c refuses the rest), so that both of
 * PCRE2's matchers give the same answer. The first backtracks: nearly always faster, but
 * exponential for some patterns, so its match limit ends it. The second walks all alternatives at
 * once, in time that the text and the pattern bound; it is asked when the first gave up. */
#include "expr/regex.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "expr/re2.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
	BACKTRACKS = 2000,
	HEAP_KIB = 4096, /* for backtracking points */
	STATES = 100,    /* that the second matcher may be in at once */
	WORKSPACE = 2 + 2 * 3 * STATES,
	COST_OF_MATCH = 50,
	COST_OF_COMPILE = 200,
	COST_OF_STATES = 200, /* a byte: comparing them with each other */
	BYTES_A_STEP = 32,
	MAX_TRANSLATED = 32 * TA_REGEX_MAX_PATTERN,
};

struct ta_regex_scratch {
	pcre2_match_data *match;
	pcre2_match_context *context;
	int workspace[WORKSPACE];
};

/* A pattern in PCRE2's syntax. *ret_text is left empty when memory ran out. Without
 * PCRE2_NO_AUTO_POSSESS, PCRE2 10.42 takes \P{Lu} and \P{Ll} to have nothing in common. */
static void *compile(const struct ta_buf *pattern, char *ret_text, size_t size)
{
	static const uint32_t options = PCRE2_UTF | PCRE2_NO_AUTO_CAPTURE | PCRE2_ALT_CIRCUMFLEX |
					PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C |
					PCRE2_NO_AUTO_POSSESS;
	int error = PCRE2_ERROR_NOMEMORY;
	PCRE2_SIZE offset = 0;
	pcre2_code *code = NULL;

	if (ta_buf_ok(pattern, NULL))
		code = pcre2_compile((PCRE2_SPTR)ta_buf_cstr(pattern), pattern->len, options,
				     &error, &offset, NULL);
	if (!code && error != PCRE2_ERROR_NOMEMORY && error != 121 /* the same of the compiler */)
		pcre2_get_error_message(error, (PCRE2_UCHAR *)ret_text, size);
	return code;
}

/* What "." and "$" take for the end of a line. */
#define LINES "(*LF)"

void *ta_regex_compile(const char *pattern, size_t len, char *ret_text, size_t size,
		       size_t *ret_offset)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(MAX_TRANSLATED);
	const char *reason;

	*ret_offset = 0;
	ret_text[0] = '\0';
	if (len > TA_REGEX_MAX_PATTERN) {
		snprintf(ret_text, size, "the pattern is longer than %d bytes",
			 TA_REGEX_MAX_PATTERN);
		return NULL;
	}
	ta_buf_str(&text, LINES);
	if (ta_re2_translate(pattern, len, TA_RE2_TO_BACKTRACK, &text, &reason, ret_offset))
		return compile(&text, ret_text, size);
	snprintf(ret_text, size, "%s", reason);
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
	pcre2_set_match_limit(scratch->context, BACKTRACKS);
	return scratch;
}

/* The scratch memory of the evaluator, made when it is needed first. */
static struct ta_regex_scratch *scratch_of(struct ta_run *run)
{
	if (!run->eval->regex)
		run->eval->regex = scratch_new();
	return run->eval->regex;
}

static const char *bytes_of(const struct ta_value *text)
{
	return text->as.str.len ? text->as.str.ptr : "";
}

/* pattern fits text from anywhere as soon as it fits from the start behind a prefix that takes
 * anything: so one walk over the text does. The groups of this form may be too many for PCRE2. */
static pcre2_code *compile_to_walk(const struct ta_value *pattern, int *ret_error)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(MAX_TRANSLATED);
	char message[120] = "";
	const char *reason;
	pcre2_code *code;
	size_t offset;

	ta_buf_str(&text, LINES "(?s:.)*?(?:");
	ta_re2_translate(bytes_of(pattern), pattern->as.str.len, TA_RE2_TO_WALK, &text, &reason,
			 &offset);
	ta_buf_char(&text, ')');
	code = compile(&text, message, sizeof(message));
	*ret_error = message[0] ? PCRE2_ERROR_MATCHLIMIT : PCRE2_ERROR_NOMEMORY;
	return code;
}

static int walk(struct ta_regex_scratch *scratch, const struct ta_value *pattern,
		const struct ta_value *text)
{
	int result;
	pcre2_code *code = compile_to_walk(pattern, &result);

	if (!code)
		return result;
	result = pcre2_dfa_match(code, (PCRE2_SPTR)bytes_of(text), text->as.str.len, 0,
				 PCRE2_NO_UTF_CHECK | PCRE2_ANCHORED | PCRE2_DFA_SHORTEST,
				 scratch->match, scratch->context, scratch->workspace, WORKSPACE);
	pcre2_code_free(code);
	return result;
}

static bool gave_up(int result)
{
	return result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_HEAPLIMIT;
}

static bool match(struct ta_run *run, const struct ta_node *node, const pcre2_code *code,
		  const struct ta_value *pattern, const struct ta_value *text, bool *ret)
{
	struct ta_regex_scratch *scratch = scratch_of(run);
	size_t len = text->as.str.len;
	char reason[120];
	int result;

	if (!scratch)
		return ta_run_no_memory(run, node->mark);
	if (!ta_run_spend(run, node->mark, COST_OF_MATCH + len / BYTES_A_STEP))
		return false;
	result = pcre2_match(code, (PCRE2_SPTR)bytes_of(text), len, 0, PCRE2_NO_UTF_CHECK,
			     scratch->match, scratch->context);
	if (gave_up(result)) {
		if (!ta_run_spend(run, node->mark, COST_OF_COMPILE + COST_OF_STATES * len))
			return false;
		result = walk(scratch, pattern, text);
	}
	if (result >= 0 || result == PCRE2_ERROR_NOMATCH) {
		*ret = result >= 0;
		return true;
	}
	if (result == PCRE2_ERROR_NOMEMORY)
		return ta_run_no_memory(run, node->mark);
	if (gave_up(result) || result == PCRE2_ERROR_DFA_WSSIZE)
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
		return match(run, node, regex, pattern, text, ret);
	if (!ta_run_spend(run, node->mark, COST_OF_COMPILE + pattern->as.str.len))
		return false;
	own = ta_regex_compile(bytes_of(pattern), pattern->as.str.len, reason, sizeof(reason),
			       &offset);
	if (!own && !reason[0])
		return ta_run_no_memory(run, node->mark);
	if (!own)
		return ta_run_fail(run, node->mark, "bad pattern: %s at byte %zu", reason, offset);
	ok = match(run, node, own, pattern, text, ret);
	ta_regex_free(own);
	return ok;
}
