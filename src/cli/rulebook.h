/* rulebook.h - the rule book that the command line asks for. */
#ifndef CLI_RULEBOOK_H
#define CLI_RULEBOOK_H

#include "cli/command.h"
#include "tcpadvise/rules.h"

/* The packs compiled in, those of /etc/tcpadvise/rules.d and $XDG_CONFIG_HOME/tcpadvise/rules.d
 * (or ~/.config), --rules and --param, finished. On failure everything has been said on stderr
 * and *ret_status is the exit status. */
struct ta_rules *ta_rulebook_load(const struct ta_settings *settings, int *ret_status);

/* Adds a pack file, or every pack of a directory in the order of their names. */
bool ta_rulebook_add_path(struct ta_rules *rules, const char *path, struct ta_error *err);

/* Finishes a book and says its mistakes on stderr. */
bool ta_rulebook_finish(struct ta_rules *rules, int *ret_status);

#endif
