/* collecting.c - see collecting.h. */
#include "cli/collecting.h"

#include <stdio.h>
#include <unistd.h>

#include "tcpadvise/snapshot.h"

/* Written over itself: to the first column, the text, and erase what is left of the line. */
static void show(void *ctx, const char *what)
{
	(void)ctx;
	fprintf(stderr, "\r%s ...\033[K", what);
	fflush(stderr);
}

bool ta_collecting_run(const struct ta_settings *settings, json_t **ret, struct ta_error *err)
{
	bool shows = !settings->quiet && isatty(STDERR_FILENO);
	const struct ta_collect_options options = {
		.sample_ms = settings->sample_ms,
		.no_processes = settings->no_processes,
		.allow_module_load = settings->allow_module_load,
		.force_proc = settings->proc_sockets,
		.progress = shows ? show : NULL,
	};
	bool ok = ta_collect(&options, ret, err);

	if (shows)
		fprintf(stderr, "\r\033[K");
	return ok;
}
