/* shell.c - see shell.h. */
#include "base/shell.h"

#include <string.h>

bool ta_shell_is_plain(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_@%+=:,./-";

	return *word && *word != '-' && strspn(word, plain) == strlen(word);
}

/* Nothing means anything between single quotes, and they can't have one of their own. */
void ta_shell_word(struct ta_buf *out, const char *word)
{
	if (ta_shell_is_plain(word)) {
		ta_buf_str(out, word);
		return;
	}
	ta_buf_char(out, '\'');
	for (; *word; word++)
		if (*word == '\'')
			ta_buf_str(out, "'\\''");
		else
			ta_buf_char(out, *word);
	ta_buf_char(out, '\'');
}
