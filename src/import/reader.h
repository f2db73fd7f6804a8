/* reader.h - one format of captured text: lines in, facts out.
 *
 * A text is of many formats, one after another, with prose between. Each line is shown to the
 * reader that took the line before, and, when that does not want it, to all readers in their order.
 * A reader recognises its format by the data lines, never by a title alone, and takes a line only
 * when it is certain of it: a number whose meaning is uncertain is not used. */
#ifndef IMPORT_READER_H
#define IMPORT_READER_H

#include "import/command.h"
#include "import/evidence.h"
#include "import/line.h"
#include "import/sample.h"

enum ta_take {
	TA_NOT_MINE,
	TA_USED,  /* it gave facts */
	TA_EMPTY, /* of this format, and without facts: a title, a header, a column of no interest
		   */
	TA_WRONG, /* of this format, and malformed or cut short: told as skipped */
};

/* What is known of the text around a line. */
struct ta_reading {
	struct ta_evidence *evidence;
	struct ta_command command; /* whose output it is; its text is "": nobody says */
	char file[256];            /* whose content it is: "/proc/net/tcp"; "": not known */
	bool own_file;             /* that file, or command, is all that there is in the member */
	/* for the notes */
	const char *as; /* the name of the reader that has the line */
	uint32_t input; /* number of the member in the evidence */
	uint32_t netns; /* number of the namespace in the evidence */
	struct ta_samples samples;
	const char *wrong; /* a reader says why when it answers TA_WRONG; a constant */
};

struct ta_reader {
	const char *name;  /* "ss", "netstat -s": in reports, where no command is known */
	size_t state_size; /* bytes, zeroed when a capture begins: a command, a file */
	bool half_lines;   /* it uses of a line whose end may be missing what is certain, as a state
			    */
	enum ta_take (*line)(struct ta_reading *reading, void *state, const struct ta_line *line);
	void (*end)(struct ta_reading *reading, void *state); /* the capture ends; may be NULL */
};

/* All formats, those first that are least to be taken for another; ended by NULL. Those that may be
 * taken for plain text, such as the message of a log, come last: each line that another format is
 * not certain of gets to them, for log lines stand between all others. */
extern const struct ta_reader *const ta_readers[];

#endif
