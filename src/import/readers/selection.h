/* selection.h - which sockets a command lists.
 *
 * "ss -tan" lists all of TCP, "ss -tn" connections without those in TIME_WAIT, "netstat -nt"
 * connections with them. Without this a listing does not tell "none" from "not listed". */
#ifndef READERS_SELECTION_H
#define READERS_SELECTION_H

#include "import/command.h"
#include "import/evidence.h"

struct ta_selection {
	bool known;      /* it is ss or netstat, and lists sockets; else all below is false */
	uint32_t states; /* of TCP, a bit each; 0: TCP is not listed */
	bool others;     /* sockets of other protocols are listed, too */
	uint32_t family; /* TA_ONLY_*: of one family of addresses */
	bool picked;     /* an expression leaves some out */
	bool suspect;    /* one state was asked for in which few sockets should be */
	bool headless;   /* ss -H */
	bool queueless;  /* ss -Q */
	bool timers;     /* ss -o, -e: a socket without a timer has none */
	bool wide;       /* netstat -W: addresses are not cut */
	bool details;    /* ss -i, -m: more lines than sockets */
	bool netstat;    /* and not ss */
};

/* Of the first stage of a pipeline; what the others do is not looked at. */
void ta_selection_find(const struct ta_command *command, struct ta_selection *ret);

/* What a listing of this command has in full: 0 when rows were left out, also by later stages. */
uint32_t ta_selection_covers(const struct ta_selection *selection,
			     const struct ta_command *command);

#endif
