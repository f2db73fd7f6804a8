/* counts.c - see counts.h. */
#include "report/counts.h"

#include <stddef.h>

#include "base/language.h"

/* In the order of a connection's life (RFC 9293, figure 5); keys as in the snapshot. The last
 * row is no state: such a socket has called bind() and nothing else, yet blocks its port. */
const struct ta_count_row ta_state_rows[TA_STATE_ROWS] = {
	{ "listen", "LISTEN", false, NULL },
	{ "syn_sent", "SYN-SENT", false, NULL },
	{ "syn_recv", "SYN-RECEIVED", false, NULL },
	{ "established", "ESTABLISHED", false, NULL },
	{ "fin_wait1", "FIN-WAIT-1", false, NULL },
	{ "fin_wait2", "FIN-WAIT-2", false, NULL },
	{ "close_wait", "CLOSE-WAIT", false, NULL },
	{ "closing", "CLOSING", false, NULL },
	{ "last_ack", "LAST-ACK", false, NULL },
	{ "time_wait", "TIME-WAIT", false, NULL },
	{ "close", "CLOSED", false, NULL },
	{ "bound_inactive", N_("bound only"), true, NULL },
};

const struct ta_count_row ta_owner_rows[TA_OWNER_ROWS] = {
	{ "named", N_("a process"), true, NULL },
	{ "shared", N_("  of them more than one"), true,
	  N_("after fork(), or a descriptor was passed on") },
	{ "time_wait", N_("nobody: TIME-WAIT"), true, N_("closed; each ends by itself") },
	{ "half_open", N_("nobody: half-open"), true, N_("the handshake is not finished") },
	{ "unaccepted", N_("nobody yet: unaccepted"), true,
	  N_("the program has to call accept()") },
	{ "orphan", N_("the kernel: orphans"), true,
	  N_("closed by the program, not yet finished") },
	{ "hidden", N_("a hidden process"), true, N_("not all could be looked into") },
	{ "kernel", N_("no process here"), true, N_("of the kernel, io_uring or elsewhere") },
};
