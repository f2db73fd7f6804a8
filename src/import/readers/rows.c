/* rows.c - see rows.h. */
#include "import/readers/rows.h"

#include <string.h>

#include "base/macros.h"

enum { FRAGMENT_WORDS = 4 }; /* state, queues, and an address */

static void count(struct ta_rows *listing, const struct ta_line *line, unsigned state)
{
	listing->begun = true;
	listing->last = line->number;
	listing->met |= 1u << state;
	listing->counts[state]++;
}

void ta_rows_begin(struct ta_rows *listing, const struct ta_line *line)
{
	listing->begun = true;
	listing->headed = true;
	listing->last = line->number;
}

enum ta_take ta_rows_half(struct ta_rows *listing, struct ta_reading *reading,
			  const struct ta_line *line, unsigned state)
{
	if (state == TA_TCP_CLOSE) /* of CLOSE_WAIT, for TCP lists no such sockets */
		return ta_rows_wrong(listing, reading, "cut short");
	return ta_rows_unplaced(listing, reading, line, state, reading->wrong);
}

enum ta_take ta_rows_take(struct ta_rows *listing, struct ta_reading *reading,
			  const struct ta_line *line, const struct ta_socket *socket,
			  const struct ta_holder_name *holders, size_t holder_count)
{
	if (line->half)
		return ta_rows_half(listing, reading, line, socket->state);
	count(listing, line, socket->state);
	ta_note_socket(reading, line, socket, holders, holder_count);
	return TA_USED;
}

enum ta_take ta_rows_unplaced(struct ta_rows *listing, struct ta_reading *reading,
			      const struct ta_line *line, unsigned state, const char *why)
{
	count(listing, line, state);
	listing->unplaced |= 1u << state;
	reading->wrong = why;
	return TA_WRONG;
}

enum ta_take ta_rows_wrong(struct ta_rows *listing, struct ta_reading *reading, const char *why)
{
	listing->begun = true;
	listing->partial = true;
	reading->wrong = why;
	return TA_WRONG;
}

/* The beginning of a row where the text ends: more rows than this one may be missing. */
static bool is_fragment(const struct ta_line *line)
{
	struct ta_slice words[TA_LINE_WORDS];
	size_t count;

	ta_line_words(line->text, words, &count);
	return line->half && count <= FRAGMENT_WORDS;
}

bool ta_rows_elided(struct ta_rows *listing, const struct ta_line *line)
{
	static const char *const marks[] = { "snip",  "snipped",     "[snip]", "<snip>",
					     "[...]", "(...)",       "[..]",   "truncated",
					     "[cut]", "\xe2\x80\xa6" };
	struct ta_slice text = ta_slice_trim(line->text);
	size_t dots = 0;
	bool elided = is_fragment(line);

	while (dots < text.len && text.data[dots] == '.')
		dots++;
	elided |= dots >= 2 && dots == text.len;
	for (size_t i = 0; i < TA_ARRAY_SIZE(marks); i++)
		elided |= ta_slice_equals(text, marks[i]);
	listing->partial |= elided && listing->begun;
	return elided && listing->begun;
}

uint32_t ta_rows_guess(const struct ta_rows *listing)
{
	const uint32_t listen = 1u << TA_TCP_LISTEN;

	if (!listing->headed || !(listing->met & listen))
		return 0;
	return listing->met == listen ? listen : TA_ALL_STATES;
}

/* Nothing was listed of the one state that was asked for. */
static bool is_none(const struct ta_rows *listing, uint32_t covers)
{
	return !listing->met && listing->headed && covers && !(covers & (covers - 1));
}

static void note_counts(const struct ta_rows *listing, struct ta_reading *reading, uint32_t states,
			uint32_t covers)
{
	const struct ta_line line = { .number = listing->last };

	for (unsigned state = 0; state < TA_TCP_STATES; state++)
		if (states >> state & 1)
			ta_note_state(reading, &line, state, listing->counts[state],
				      !(covers >> state & 1) || covers > TA_ALL_STATES);
}

void ta_rows_end(struct ta_rows *listing, struct ta_reading *reading, uint32_t covers)
{
	if (listing->partial)
		covers = 0;
	if (listing->met)
		ta_note_listing_end(reading, covers & ~listing->unplaced);
	else if (listing->headed && covers > TA_ALL_STATES)
		ta_note_listing_empty(reading, covers);
	note_counts(listing, reading, is_none(listing, covers) ? covers : listing->unplaced,
		    covers);
	memset(listing, 0, sizeof(*listing));
}
