/* prose.c - see prose.h. */
#include "cli/prose.h"

#include <string.h>

bool ta_prose_next(const char **text, struct ta_paragraph *ret)
{
	const char *end;

	if (!*text)
		return false;
	*text += strspn(*text, "\n");
	if (!**text)
		return false;
	end = strstr(*text, "\n\n");
	ret->text = *text;
	ret->len = end ? (size_t)(end - *text) : strlen(*text);
	ret->verbatim = strncmp(*text, "  ", 2) == 0;
	*text += ret->len;
	return true;
}
