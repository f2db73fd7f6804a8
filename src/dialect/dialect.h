/* dialect.h - how a sysctl or a resource limit is written for each tool that sets or keeps it.
 *
 * Pure text: nothing is looked up and nothing is set. Keys, values and names come from the host,
 * and are hostile: what a dialect has no safe words for it does not take. */
#ifndef DIALECT_DIALECT_H
#define DIALECT_DIALECT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ta_dialect_kind { TA_DIALECT_SYSCTL, TA_DIALECT_LIMIT };

/* What is to be set. No string is NULL. */
struct ta_dialect_item {
	enum ta_dialect_kind kind;
	const char *key;   /* "net.ipv4.tcp_tw_reuse"; of a limit its name in limits.conf: "nofile",
			    * "nproc" */
	const char *value; /* as /proc/sys takes it: "1024 65535"; of a limit "SOFT:HARD" or one
			    * number for both, "unlimited" being one; "SOFT:", which only what
			    * changes a running process takes, leaves the hard one as it is */
	const char *why;   /* the rules that it is for, to be told in a comment; "" */
	const char *enter; /* how a shell gets to where the key is, printed as it is: "nsenter -t 5
			    * -n "; "": it is here, where the files of /etc reach it */
	const char *unit; /* the systemd service that has the limit, or the network namespace; "" */
	const char *user; /* of a limit: its domain in limits.conf, "www", "@web", "*"; "" */
	int64_t pid;      /* of a limit: the process that has it now; 0: none */
};

/* What is known of where the text is going. All zeroes: nothing. */
struct ta_dialect_options {
	uint32_t kernel;     /* ta_release_parse(): which keys each namespace has of its own */
	unsigned kubernetes; /* 28 for Kubernetes 1.28: only what is unsafe there is called so */
	bool host_network;   /* the container, or pod, has the host's network namespace */
	const char *service; /* its name in compose; NULL: "SERVICE", to be replaced */
	const char *tuned_profile; /* the one that is active and is to be built upon; or NULL */
};

struct ta_entry;
struct ta_writer;

/* What tells two items apart beside the key. */
enum ta_dialect_part {
	TA_DIALECT_ENTER = 1 << 0,
	TA_DIALECT_UNIT = 1 << 1,
	TA_DIALECT_USER = 1 << 2,
	TA_DIALECT_PID = 1 << 3,
};

struct ta_dialect {
	const char *name;    /* "sysctl.d" */
	const char *file;    /* where the text is kept; NULL: in none, or in one for each unit */
	const char *summary; /* half a sentence for a list of them */
	unsigned parts;      /* enum ta_dialect_part: what a text may say different values for */
	bool (*takes)(const struct ta_entry *entry, const struct ta_dialect_options *options);
	void (*print)(struct ta_writer *writer, const struct ta_entry *entries, size_t count);
};

extern const struct ta_dialect ta_dialects[];
extern const size_t ta_dialect_count;

const struct ta_dialect *ta_dialect_find(const char *name); /* NULL: there is none */

/* Whether the item can be said in this dialect, and has a meaning there. */
bool ta_dialect_takes(const struct ta_dialect *dialect, const struct ta_dialect_item *item,
		      const struct ta_dialect_options *options);

/* Appends the lines of one complete text that holds all the items that the dialect takes; nothing
 * when it takes none. Of two items for one thing the later counts. false: memory. */
bool ta_dialect_print(const struct ta_dialect *dialect, const struct ta_dialect_item *items,
		      size_t count, const struct ta_dialect_options *options, json_t *lines);

#endif
