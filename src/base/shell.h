/* shell.h - text as a word of a POSIX shell. */
#ifndef BASE_SHELL_H
#define BASE_SHELL_H

#include <stdbool.h>

#include "base/buf.h"

/* What a shell takes as it is and no program for an option. */
bool ta_shell_is_plain(const char *word);

/* Appends the word, between quotes where the shell would do something with it. */
void ta_shell_word(struct ta_buf *out, const char *word);

#endif
