/* counts.h - the rows of the tables of sockets: by state, and by who holds them. */
#ifndef REPORT_COUNTS_H
#define REPORT_COUNTS_H

#include <stdbool.h>

/* A row of a table; note is for a table of one namespace. */
struct ta_count_row {
	const char *key, *name;
	bool optional; /* left out, and not part of the sum, when there is none */
	const char *note;
};

enum { TA_STATE_ROWS = 12, TA_OWNER_ROWS = 8 };

extern const struct ta_count_row ta_state_rows[TA_STATE_ROWS], ta_owner_rows[TA_OWNER_ROWS];

#endif
