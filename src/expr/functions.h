/* functions.h - the functions of the language, a row an overload. */
#ifndef EXPR_FUNCTIONS_H
#define EXPR_FUNCTIONS_H

#include "expr/run.h"

enum {
	TA_GLOBAL = 1, /* name(x, ...) */
	TA_METHOD = 2, /* x.name(...) */
};

/* node is the call. */
typedef bool ta_function_call(struct ta_run *run, const struct ta_node *node,
			      const struct ta_value *args, size_t count, struct ta_value *ret);

struct ta_function {
	const char *name;
	/* A letter an argument, the receiver first: n null, b bool, i int, u uint, d double,
	 * s string, y bytes, l list, m map, t type, N number, * any. A + says that the last
	 * may come again. */
	const char *params;
	char result; /* the same letters; = the type of the arguments when they have one */
	unsigned style;
	ta_function_call *call;
};

/* The overloads of a name lie side by side, first to last. NULL when there are none. */
const struct ta_function *ta_function_find(const char *name, unsigned style);
/* The next overload of the same name and style, or NULL. */
const struct ta_function *ta_function_next(const struct ta_function *function, unsigned style);
const struct ta_function *ta_function_row(size_t i); /* for hints; NULL behind the last */

bool ta_letter_takes(char letter, enum ta_kind kind);
enum ta_kind ta_letter_kind(char letter); /* TA_DYN for * and N */

/* Whether the letters take this many arguments; ta_function_letter() is then the letter of each. */
bool ta_function_takes_count(const struct ta_function *function, size_t count);
char ta_function_letter(const struct ta_function *function, size_t i);

/* Finds the overload for the arguments' kinds and calls it. */
bool ta_function_run(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,
		     size_t count, struct ta_value *ret);

#endif
