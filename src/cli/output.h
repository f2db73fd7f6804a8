/* output.h - where a command's text goes, and what is said on stderr. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <jansson.h>

#include "base/file.h"
#include "cli/command.h"
#include "tcpadvise/report.h"

enum { TA_OUTPUT_MAX = 1 << 30 }; /* bytes of a document that is printed */

/* Writes to --output (atomically) or to stdout; false, with *err set, when that fails: a full
 * disk or a closed pipe is not silence. */
bool ta_output(const struct ta_settings *settings, const char *text, size_t len,
	       struct ta_error *err);

/* The same for a file that another user's program reads: it gets the mode 0644, whatever the umask
 * is. */
bool ta_output_shared(const struct ta_settings *settings, const char *text, size_t len,
		      struct ta_error *err);

/* Writes a text that has been put together, complains if that fails; returns the exit status. */
int ta_print(const struct ta_settings *settings, struct ta_buf *text);

/* Where a stream's documents go one after the other: standard output, or --output, which is
 * replaced when the last one is there. */
struct ta_outlet {
	struct ta_file_writing file; /* of --output */
	bool is_file;
	bool failed; /* a text could not be written */
};

bool ta_outlet_open(struct ta_outlet *outlet, const struct ta_settings *settings,
		    struct ta_error *err);
bool ta_outlet_put(struct ta_outlet *outlet, const char *text, size_t len, struct ta_error *err);
bool ta_outlet_close(struct ta_outlet *outlet, struct ta_error *err);
void ta_outlet_done(struct ta_outlet *outlet);

/* The same with a document: see ta_json_print(). */
bool ta_output_json(const struct ta_settings *settings, const json_t *json, struct ta_error *err);

/* "tcpadvise: [file:line:column: ]text" on stderr, made safe for a terminal; returns status. */
int ta_complain(const struct ta_error *err, int status);

/* From now on ta_complain() does what is expected of a monitoring plug-in: "TCPADVISE UNKNOWN -
 * text" on stdout, and its status is 3. */
void ta_complain_as_plugin(void);

/* Whether text on this stream should have colours: --color, NO_COLOR, CLICOLOR_FORCE, TERM. */
bool ta_use_color(const struct ta_settings *settings, int fd);

/* Columns of the page to write: COLUMNS, else those of the terminal on stdout, else 80. */
size_t ta_output_columns(void);

/* How a text looks where this command's goes; a file has 80 columns and no colours. */
struct ta_render_options ta_output_options(const struct ta_settings *settings);

#endif
