/* snapshot.h - what one host looked like: one JSON document.
 *
 * Its vocabulary is rules/schema/snapshot.schema.json, where every field has its type, unit,
 * meaning, source and since which kernel it exists. A fact that could not be read is absent,
 * never 0, and gaps[] says what is missing and why. Same document in, same verdict out. */
#ifndef TCPADVISE_SNAPSHOT_H
#define TCPADVISE_SNAPSHOT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tcpadvise/error.h"

#define TA_SNAPSHOT_SCHEMA "tcpadvise.snapshot/1"
#define TA_REPORT_SCHEMA   "tcpadvise.report/1" /* may embed the snapshot it was made of */

/* Where the holders of sockets are read. */
enum ta_owners_source {
	TA_OWNERS_AUTO, /* by what is quicker, BPF where it can be */
	TA_OWNERS_BPF,  /* where it can be */
	TA_OWNERS_PROC, /* /proc/PID/fd */
};

/* How to look at the live host. Zero-initialise for the defaults. */
struct ta_collect_options {
	uint64_t sample_ms; /* between two samples; 0: one sample, no rates */
	bool no_processes;  /* leave out processes: no owners, no descriptor counts */
	enum ta_owners_source owners;
	uint64_t scan_ms;       /* most time for all of /proc/PID/fd; 0: no bound */
	bool allow_module_load; /* dump by netlink even where that would autoload tcp_diag */
	bool force_proc;        /* read /proc/net/tcp{,6}, not netlink */
	/* The network namespaces: NULL or "" for that of the caller, "all", or one: the number of a
	 * process in it, its name (of ip netns, or as a snapshot has it), or a path with a slash.
	 * The calling thread enters each and returns; where it is not NULL that must be the main
	 * thread, for /proc/net follows no other. */
	const char *netns;
	const char *root; /* stands for "/": $root/proc, $root/sys; NULL or "" is the host */
	/* Called with a short text as the work proceeds; may be NULL. */
	void (*progress)(void *ctx, const char *what);
	void *progress_ctx;
	/* Asked now and then while descriptors are read from /proc: true leaves the rest out. May
	 * be NULL. */
	bool (*enough)(void *ctx);
	void *enough_ctx;
};

/* Collects a snapshot; *ret is a new reference. Partial results are a success with gaps[]. */
TA_API bool ta_collect(const struct ta_collect_options *options, json_t **ret,
		       struct ta_error *err);

/* Captured text: what commands printed, files of /proc, logs, a support bundle. */
struct ta_import_input {
	const char *path; /* a file, a directory, an archive; "-" is standard input */
	/* When set, its bytes are read here, as by read(2), and path is but their name. */
	ssize_t (*read)(void *ctx, void *buf, size_t size);
	void *ctx;
	/* Called with the name of each file, as its turn comes; may be NULL. */
	void (*progress)(void *ctx, const char *what);
	void *progress_ctx;
};

/* Makes one snapshot of all inputs, in their order: of two that contradict the later one counts.
 * Its member "evidence" tells where each fact was found, and what was not understood. Fails with
 * TA_E_INPUT when nothing was. */
TA_API bool ta_import(const struct ta_import_input *inputs, size_t count, json_t **ret,
		      struct ta_error *err);

/* Reads a saved snapshot, or the one in a report, and holds it against the schema. name is for
 * messages. Fails with TA_E_INPUT and the place (line and column of a syntax error; JSON pointer
 * otherwise). */
TA_API bool ta_snapshot_parse(const char *text, size_t len, const char *name, json_t **ret,
			      struct ta_error *err);

#endif
