/* key_owner.h - who sets a tunable, by what a snapshot has of files, TuneD and programs. Pure. */
#ifndef SNAPSHOT_KEY_OWNER_H
#define SNAPSHOT_KEY_OWNER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum ta_key_owner_kind {
	TA_KEY_OF_FILE,    /* a line of sysctl.d that is applied later */
	TA_KEY_OF_TUNED,   /* TuneD sets it after the files */
	TA_KEY_OF_PROGRAM, /* a program that runs sets it by itself */
};

/* All texts but the sentence are the snapshot's, or constants. */
struct ta_key_owner {
	enum ta_key_owner_kind kind;
	const char *name;  /* "Ansible", "TuneD", "kube-proxy"; NULL when nobody is known */
	const char *file;  /* with the line; NULL of a program */
	const char *value; /* what it sets; NULL when that is not known */
	const char *only; /* "raise", "lower": what it does at most; NULL: it sets it in any case */
	uint64_t line, pid; /* 0: none */
	char sentence[512]; /* without a full stop, and not made safe for a terminal */
};

/* Who would set the key after a line of TA_OWN_SYSCTL_FILE has, to whatever value: the last one to
 * do so. One that only raises or lowers is told only when nobody sets it in any case. False when
 * there is nobody, so far as the snapshot knows (its gaps may be of host.managers, settings,
 * host.tuned). */
bool ta_setting_owner_of(const json_t *snapshot, const char *key, struct ta_key_owner *ret);

/* The row of settings[] that sets the key at boot today: one that names it, or else the last of
 * those with wildcards. NULL when no file does. */
const json_t *ta_setting_today(const json_t *snapshot, const char *key);

#endif
