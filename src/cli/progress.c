/* progress.c - see progress.h. */
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"

bool ta_progress_is_shown(const struct ta_settings *settings)
{
	const char *term = getenv("TERM");

	return !settings->verbose && !settings->quiet && isatty(STDERR_FILENO) && term && *term &&
	       strcmp(term, "dumb") != 0;
}

/* Bytes of a text that a line has room for beside the dots: a line that the terminal folds can't be
 * erased. */
static size_t room(void)
{
	static const size_t dots = sizeof(" ...");
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col <= dots)
		return 80 - dots;
	return size.ws_col - dots;
}

void ta_progress_show(void *ctx, const char *what)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(4096);

	(void)ctx;
	ta_text_ascii(&line, what, ta_utf8_cut(what, strlen(what), 256));
	fprintf(stderr, "\r%.*s ...\033[K", (int)room(), ta_buf_cstr(&line));
	fflush(stderr);
}

void ta_progress_end(void)
{
	fprintf(stderr, "\r\033[K");
	fflush(stderr);
}
