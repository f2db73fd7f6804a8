/* limits_conf.h - the two languages in which limits are configured: unit files of systemd, and
 * limits.conf(5) of PAM. Pure. */
#ifndef COLLECT_LIMITS_CONF_H
#define COLLECT_LIMITS_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* UINT64_MAX stands for infinity, as RLIM_INFINITY. */
struct ta_limit {
	uint64_t soft, hard;
};

/* "1024:524288", "65536" (both), "infinity"; a soft limit above the hard one is refused. */
bool ta_limit_parse(const char *text, size_t len, struct ta_limit *ret);

/* ---- unit files ---- */

/* Finds the last valid line KEY=LIMIT in a section ("Service"); lines that end with a backslash go
 * on in the next, comments between them apart. *ret_line is where it begins, from 1. */
bool ta_unit_find_limit(const struct ta_buf *text, const char *section, const char *key,
			struct ta_limit *ret, unsigned *ret_line);

/* ---- limits.conf ---- */

enum { TA_PAM_DOMAIN_MAX = 128 };

enum ta_pam_item { TA_PAM_NOFILE, TA_PAM_NPROC, TA_PAM_NO_LIMITS };

struct ta_pam_line {
	char domain[TA_PAM_DOMAIN_MAX]; /* user, @group, *, 1000:2000, @1000:2000 ... */
	bool soft, hard;
	enum ta_pam_item item; /* NO_LIMITS: "domain -", to whom nothing is set */
	uint64_t value;
};

/* false: no line, or of another item. */
bool ta_pam_parse_line(const char *line, size_t len, struct ta_pam_line *ret);

/* Who logs in. */
struct ta_pam_user {
	uint32_t uid;
	const char *name;   /* NULL: not known, so that lines that name users can't be matched */
	const char *groups; /* "\n"-separated names with one before and behind; NULL: not known */
};

enum ta_pam_match {
	TA_PAM_NO,
	TA_PAM_DEFAULT, /* by "*" */
	TA_PAM_GROUP,
	TA_PAM_USER, /* the strongest */
	TA_PAM_UNSURE,
};

enum ta_pam_match ta_pam_matches(const struct ta_pam_line *line, const struct ta_pam_user *user);

#endif
