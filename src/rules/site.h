/* site.h - where a command has to run: in the network namespace that a finding is about. */
#ifndef RULES_SITE_H
#define RULES_SITE_H

#include <jansson.h>
#include <stdbool.h>

struct ta_site {
	const json_t *ns; /* the namespace; NULL: the host, or nobody knows */
	bool elsewhere;   /* the person who reads is in another one */
	char enter[256];  /* what goes before a command: "nsenter --target 42 --net "; "" when there
			   * is no need, or no way is known */
};

/* The site of what is judged: the namespace at hand, or that of the process at hand. Either, or
 * both, may be NULL. */
void ta_site_find(const json_t *snapshot, const json_t *ns, const json_t *element,
		  struct ta_site *ret);

/* Puts the shell lines of a fix, its "verify" and its "revert" behind the way there where they look
 * at the network, or set something of it. false: memory. */
bool ta_site_fix(const struct ta_site *site, json_t *fix);

#endif
