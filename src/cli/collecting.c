/* collecting.c - see collecting.h. */
#include "cli/collecting.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "tcpadvise/snapshot.h"

/* Written over itself: to the first column, the text, and erase what is left of the line. */
static void show_line(void *ctx, const char *what)
{
	(void)ctx;
	fprintf(stderr, "\r%s ...\033[K", what);
	fflush(stderr);
}

/* --verbose: a line a stage, with the milliseconds since the start. */
static void show_stage(void *ctx, const char *what)
{
	const struct ta_clock *clock = ta_clock_system();
	const uint64_t *started_us = ctx;
	uint64_t now_us = clock->monotonic_us(clock->ctx);

	fprintf(stderr, "%7.1f ms  %s\n", (double)(now_us - *started_us) / 1000, what);
}

bool ta_collecting_run(const struct ta_settings *settings, json_t **ret, struct ta_error *err)
{
	const struct ta_clock *clock = ta_clock_system();
	uint64_t started_us = clock->monotonic_us(clock->ctx);
	bool line = !settings->verbose && !settings->quiet && isatty(STDERR_FILENO);
	const struct ta_collect_options options = {
		.sample_ms = settings->sample_ms,
		.no_processes = settings->no_processes,
		.allow_module_load = settings->allow_module_load,
		.force_proc = settings->proc_sockets,
		.progress = settings->verbose ? show_stage
			    : line            ? show_line
					      : NULL,
		.progress_ctx = &started_us,
	};
	bool ok = ta_collect(&options, ret, err);

	if (settings->verbose)
		show_stage(&started_us, "done");
	if (line)
		fprintf(stderr, "\r\033[K");
	return ok;
}
