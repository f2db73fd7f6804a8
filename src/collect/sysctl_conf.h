/* sysctl_conf.h - the language of sysctl.d(5): lines, keys, and values held against the kernel's.
 *
 * Pure. Two programs read these files at boot, systemd-sysctl and sysctl --system of procps; the
 * lines mean the same to both but where it is said. There is no continuation of a line and no
 * comment behind a value. */
#ifndef COLLECT_SYSCTL_CONF_H
#define COLLECT_SYSCTL_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "snapshot/sysctl_key.h"

enum { TA_SYSCTL_VALUE_MAX = 4096 };

enum ta_sysctl_line_kind {
	TA_SYSCTL_NOTHING, /* blank, a comment, or what no reader understands */
	TA_SYSCTL_SET,     /* key = value, -key = value */
	TA_SYSCTL_EXCLUDE, /* -key: not to be set by keys with wildcards */
};

struct ta_sysctl_line {
	enum ta_sysctl_line_kind kind;
	char path[TA_SYSCTL_PATH_MAX]; /* below /proc/sys: "net/ipv4/conf/eth0.100/forwarding" */
	bool glob;                     /* it has wildcards */
	const char *value;             /* of SET: a part of the line */
	size_t value_len;
};

/* A line without its newline. */
void ta_sysctl_parse_line(const char *line, size_t len, struct ta_sysctl_line *ret);

/* How a value in a file stands to that of the kernel. */
enum ta_sysctl_order {
	TA_SYSCTL_SAME,
	TA_SYSCTL_LOWER,  /* the file's is lower: of three numbers the last, of a range its width */
	TA_SYSCTL_HIGHER, /* the file's is higher */
	TA_SYSCTL_OTHER,
	TA_SYSCTL_UNKNOWN, /* what the kernel prints can't be compared with what it is told */
};

enum ta_sysctl_order ta_sysctl_compare(const char *path, const char *value, size_t value_len,
				       const char *runtime, size_t runtime_len);

#endif
