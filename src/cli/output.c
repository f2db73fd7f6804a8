/* output.c - see output.h. */
#include "cli/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/json.h"
#include "base/language.h"
#include "base/number.h"
#include "base/text.h"
#include "cli/locale.h"

bool ta_output(const struct ta_settings *settings, const char *text, size_t len,
	       struct ta_error *err)
{
	if (settings->output)
		return ta_file_write_atomic(settings->output, text, len, err);
	return ta_file_write_fd(STDOUT_FILENO, "standard output", text, len, err);
}

static bool write_shared(const char *path, const char *text, size_t len, struct ta_error *err)
{
	ta_auto(ta_file_writing_done) struct ta_file_writing writing = { .fd = -1 };

	return ta_file_begin(&writing, path, err) && ta_file_share(&writing, err) &&
	       ta_file_write(&writing, text, len, err) && ta_file_commit(&writing, err);
}

bool ta_output_shared(const struct ta_settings *settings, const char *text, size_t len,
		      struct ta_error *err)
{
	return settings->output ? write_shared(settings->output, text, len, err)
				: ta_output(settings, text, len, err);
}

bool ta_outlet_open(struct ta_outlet *outlet, const struct ta_settings *settings,
		    struct ta_error *err)
{
	*outlet = (struct ta_outlet){ .file = { .fd = -1 }, .is_file = settings->output };
	return !outlet->is_file || ta_file_begin(&outlet->file, settings->output, err);
}

bool ta_outlet_put(struct ta_outlet *outlet, const char *text, size_t len, struct ta_error *err)
{
	bool ok = outlet->is_file
			  ? ta_file_write(&outlet->file, text, len, err)
			  : ta_file_write_fd(STDOUT_FILENO, "standard output", text, len, err);

	outlet->failed |= !ok;
	return ok;
}

bool ta_outlet_close(struct ta_outlet *outlet, struct ta_error *err)
{
	return !outlet->is_file || ta_file_commit(&outlet->file, err);
}

void ta_outlet_done(struct ta_outlet *outlet)
{
	ta_file_writing_done(&outlet->file);
}

bool ta_output_json(const struct ta_settings *settings, const json_t *json, struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(TA_OUTPUT_MAX);

	return ta_json_print(&text, json, TA_JSON_PAGE, err) &&
	       ta_output(settings, ta_buf_cstr(&text), text.len, err);
}

static bool is_plugin; /* what goes wrong is said on stdout, where the scheduler looks */

void ta_complain_as_plugin(void)
{
	is_plugin = true;
}

static int complain_as_plugin(const char *why)
{
	char line[1024];

	ta_report_plugin_failure(why, line, sizeof(line));
	printf("%s\n", line);
	return TA_PLUGIN_UNKNOWN;
}

int ta_complain(const struct ta_error *err, int status)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(4096);

	if (err->pos.name[0]) {
		ta_text_terminal(&line, err->pos.name, strlen(err->pos.name));
		if (err->pos.line)
			ta_buf_printf(&line, ":%d:%d", err->pos.line, err->pos.column);
		ta_buf_str(&line, ": ");
	}
	ta_text_terminal(&line, err->text, strlen(err->text));
	if (is_plugin)
		return complain_as_plugin(ta_buf_cstr(&line));
	fprintf(stderr, "tcpadvise: %s\n", ta_buf_cstr(&line));
	return status;
}

int ta_print(const struct ta_settings *settings, struct ta_buf *text)
{
	struct ta_error err = TA_ERROR_INIT;

	if (!ta_buf_ok(text, &err) || !ta_output(settings, ta_buf_cstr(text), text->len, &err))
		return ta_complain(&err, TA_EXIT_FAILED);
	return TA_EXIT_OK;
}

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

bool ta_use_color(const struct ta_settings *settings, int fd)
{
	const char *term = getenv("TERM");
	const char *force = getenv("CLICOLOR_FORCE");

	if (strcmp(settings->color, "auto") != 0)
		return strcmp(settings->color, "always") == 0;
	if (is_set("NO_COLOR"))
		return false;
	if (force && *force && strcmp(force, "0") != 0)
		return true;
	return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

enum { MIN_COLUMNS = 20, MAX_COLUMNS = 1000, DEFAULT_COLUMNS = 80 };

size_t ta_output_columns(void)
{
	const char *text = getenv("COLUMNS");
	struct winsize size;
	uint64_t columns;

	if (text && ta_parse_u64(text, strlen(text), 10, &columns) && columns >= MIN_COLUMNS &&
	    columns <= MAX_COLUMNS)
		return (size_t)columns;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= MIN_COLUMNS)
		return size.ws_col;
	return DEFAULT_COLUMNS;
}

/* Who asks for Chinese on a host that is set to "C" has a terminal that shows it. */
static bool shows_utf8(void)
{
	return ta_locale_is_utf8() || ta_language_current();
}

struct ta_render_options ta_output_options(const struct ta_settings *settings)
{
	return (struct ta_render_options){
		.width = settings->output ? 0 : ta_output_columns(),
		.color = !settings->output && ta_use_color(settings, STDOUT_FILENO),
		.utf8 = shows_utf8(),
		.verbose = settings->verbose,
	};
}
