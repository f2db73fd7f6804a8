/* runtimes.h - what a program is written in, or which software it is, as far as its name tells.
 *
 * A fix says for each runtime what to look for in the code ("code" in a rule pack). Of that a
 * finding has what is for its program. */
#ifndef RULES_RUNTIMES_H
#define RULES_RUNTIMES_H

#include <jansson.h>
#include <stddef.h>

/* A program whose name tells its runtime; a version may follow the name, as in "python3.11". */
struct ta_program {
	const char *name, *runtime;
};

const struct ta_program *ta_programs(size_t *ret_count);

/* The members of code, an object or NULL, that are for the program: that of its runtime; where the
 * name tells none, those of all languages; and where there is no name, all. A new object, NULL when
 * memory ran out. */
json_t *ta_runtime_hints(const json_t *code, const char *program);

#endif
