/* collecting.c - see collecting.h. */
#include "cli/collecting.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/progress.h"
#include "tcpadvise/snapshot.h"

/* --verbose: a line a stage, with the milliseconds since the start. */
static void show_stage(void *ctx, const char *what)
{
	const struct ta_clock *clock = ta_clock_system();
	const uint64_t *started_us = ctx;
	uint64_t now_us = clock->monotonic_us(clock->ctx);

	fprintf(stderr, "%7.1f ms  %s\n", (double)(now_us - *started_us) / 1000, what);
}

/* While descriptors are read, the first Ctrl-C ends that, and what is known by then is reported;
 * the second one ends the program, as the first does at any other time. */
struct interrupt {
	bool caught; /* ours is in place of: */
	struct sigaction old;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static bool is_interrupted(void *ctx)
{
	const struct sigaction action = { .sa_handler = on_interrupt,
					  .sa_flags = (int)SA_RESETHAND };
	struct interrupt *interrupt = ctx;

	if (!interrupt->caught)
		interrupt->caught = sigaction(SIGINT, &action, &interrupt->old) == 0;
	return interrupted;
}

static void release_interrupt(struct interrupt *interrupt)
{
	if (interrupt->caught)
		sigaction(SIGINT, &interrupt->old, NULL);
}

static enum ta_owners_source owners_of(const struct ta_settings *settings)
{
	if (!settings->owners || strcmp(settings->owners, "auto") == 0)
		return TA_OWNERS_AUTO;
	return strcmp(settings->owners, "bpf") == 0 ? TA_OWNERS_BPF : TA_OWNERS_PROC;
}

bool ta_collecting_run(const struct ta_settings *settings, json_t **ret, struct ta_error *err)
{
	const struct ta_clock *clock = ta_clock_system();
	uint64_t started_us = clock->monotonic_us(clock->ctx);
	bool line = ta_progress_is_shown(settings);
	struct interrupt interrupt = { .caught = false };
	const struct ta_collect_options options = {
		.sample_ms = settings->sample_ms,
		.no_processes = settings->no_processes,
		.owners = owners_of(settings),
		.scan_ms = settings->scan_ms,
		.enough = is_interrupted,
		.enough_ctx = &interrupt,
		.allow_module_load = settings->allow_module_load,
		.force_proc = settings->proc_sockets,
		.netns = settings->netns,
		.progress = settings->verbose ? show_stage
			    : line            ? ta_progress_show
					      : NULL,
		.progress_ctx = &started_us,
	};
	bool ok = ta_collect(&options, ret, err);

	release_interrupt(&interrupt);
	if (settings->verbose)
		show_stage(&started_us, "done");
	if (line)
		ta_progress_end();
	return ok;
}
