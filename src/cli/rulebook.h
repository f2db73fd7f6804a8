/* rulebook.h - the rule book that the command line asks for. */
#ifndef CLI_RULEBOOK_H
#define CLI_RULEBOOK_H

#include "cli/command.h"
#include "tcpadvise/rules.h"

/* What a command wants of the book. */
enum ta_rulebook {
	TA_RULEBOOK_INDEX,    /* the packs compiled in by their index: enough to evaluate */
	TA_RULEBOOK_WHOLE,    /* all of them: to describe the rules */
	TA_RULEBOOK_THOROUGH, /* and no check is left out: rules check, rules test */
};

/* The packs compiled in, those of /etc/tcpadvise/rules.d and $XDG_CONFIG_HOME/tcpadvise/rules.d
 * (or ~/.config), --rules and --param, finished. On failure everything has been said on stderr
 * and *ret_status is the exit status. The book is kept to the end of the program and not to be
 * freed: to take it apart again would be a tenth of what an idle audit costs. */
struct ta_rules *ta_rulebook_load(const struct ta_settings *settings, enum ta_rulebook wanted,
				  int *ret_status);

#endif
