/* run.c - see run.h. */
#include "expr/run.h"

#include <stdio.h>

static bool stop(struct ta_run *run, enum ta_code code, struct ta_span mark, const char *text)
{
	run->fault.code = code;
	run->fault.mark = mark;
	snprintf(run->fault.text, sizeof(run->fault.text), "%s", text);
	return false;
}

bool ta_run_fail(struct ta_run *run, struct ta_span mark, const char *fmt, ...)
{
	va_list args;

	run->fault.code = TA_E_EVAL;
	run->fault.mark = mark;
	va_start(args, fmt);
	ta_format(run->fault.text, sizeof(run->fault.text), fmt, args);
	va_end(args);
	return false;
}

bool ta_run_missing(struct ta_run *run, const struct ta_node *node, const struct ta_value *key)
{
	run->fault.code = TA_E_MISSING;
	run->fault.mark = node->mark;
	run->fault.missing = node;
	run->fault.key = key ? *key : TA_VALUE_UNBOUND;
	return false;
}

bool ta_run_limit(struct ta_run *run, struct ta_span mark, const char *text)
{
	return stop(run, TA_E_LIMIT, mark, text);
}

bool ta_run_no_memory(struct ta_run *run, struct ta_span mark)
{
	return stop(run, TA_E_NOMEM, mark, "out of memory");
}

bool ta_run_out_of_memory(struct ta_run *run, struct ta_span mark)
{
	if (run->eval->arena.failed == TA_E_NOMEM)
		return ta_run_no_memory(run, mark);
	return stop(run, TA_E_LIMIT, mark, "the values need more than 64 MiB");
}

bool ta_run_out_of_steps(struct ta_run *run, struct ta_span mark)
{
	run->steps = 0;
	return stop(run, TA_E_LIMIT, mark, "the evaluation takes more than 5000000 steps");
}

bool ta_run_too_large(struct ta_run *run, struct ta_span mark)
{
	return stop(run, TA_E_LIMIT, mark, "a list or map of more than 1000000 elements");
}

const char *ta_run_kind(const struct ta_value *value)
{
	return value->kind == TA_NULL ? "null" : ta_kind_name(value->kind);
}
