/* rows.h - what the readers of socket listings have in common: counting the rows, and saying at
 * the end which states were listed in full. */
#ifndef READERS_ROWS_H
#define READERS_ROWS_H

#include "import/reader.h"

/* One listing, from its header to the next one. Zeroed, it has not begun. */
struct ta_rows {
	bool begun;        /* there was a header, or a row */
	bool headed;       /* it began with a header: nobody cut its beginning off */
	bool partial;      /* rows are missing: malformed, or left out by somebody */
	uint64_t last;     /* line of the last row */
	uint32_t met;      /* states that it has rows of, a bit each */
	uint32_t unplaced; /* of them those with rows that no socket could be made of */
	uint64_t counts[TA_TCP_STATES];
};

/* A header, which is where a listing begins; the one before it has ended. */
void ta_rows_begin(struct ta_rows *listing, const struct ta_line *line);

/* A row whose socket is known. */
enum ta_take ta_rows_take(struct ta_rows *listing, struct ta_reading *reading,
			  const struct ta_line *line, const struct ta_socket *socket,
			  const struct ta_holder_name *holders, size_t holder_count);

/* A row of which only the state is known, such as one with names for addresses: it is counted. */
enum ta_take ta_rows_unplaced(struct ta_rows *listing, struct ta_reading *reading,
			      const struct ta_line *line, unsigned state, const char *why);

/* A row of which the end may be missing. */
enum ta_take ta_rows_half(struct ta_rows *listing, struct ta_reading *reading,
			  const struct ta_line *line, unsigned state);

/* A row that is malformed. */
enum ta_take ta_rows_wrong(struct ta_rows *listing, struct ta_reading *reading, const char *why);

/* Whether the line says that rows were left out: "...", "[snip]", half a row at the end of all. */
bool ta_rows_elided(struct ta_rows *listing, const struct ta_line *line);

/* The states that a listing has in full whose command nobody tells: all, when listeners and
 * connections are in it; the listeners, when nothing else is. */
uint32_t ta_rows_guess(const struct ta_rows *listing);

/* Ends it, and zeroes it for the next. covers: as of ta_note_listing_end(). */
void ta_rows_end(struct ta_rows *listing, struct ta_reading *reading, uint32_t covers);

#endif
