/* prose.h - the texts of commands and options, as --help and the manual show them.
 *
 * A text is words; an empty line ("\n\n") ends a paragraph. A paragraph that begins with two blanks
 * is a command line, or several, to be left as they are. */
#ifndef CLI_PROSE_H
#define CLI_PROSE_H

#include <stdbool.h>

#include "base/slice.h"

struct ta_paragraph {
	const char *text; /* borrowed; len bytes */
	size_t len;
	bool verbatim;
};

/* Takes the next paragraph off *text; false at its end. NULL has none. */
bool ta_prose_next(const char **text, struct ta_paragraph *ret);

#endif
