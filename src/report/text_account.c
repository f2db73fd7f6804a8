/* text_account.c - the end of the text report: where sockets and their owners were read, and what
 * that cost the host. */
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "report/text.h"

enum { INDENT = 2 };

static void add_sources(struct ta_buf *line, const json_t *collection)
{
	const json_t *seen = json_object_get(collection, "sockets_seen");
	const char *from = ta_json_string(collection, "sockets_from");
	const char *why_not_diag = ta_json_string(collection, "sockets_from_reason");
	const char *owners = ta_json_string(collection, "owners_from");
	const char *why = ta_json_string(collection, "owners_from_reason");

	from = from && strcmp(from, "proc") == 0 ? "/proc" : "sock_diag";
	if (seen)
		ta_buf_printf(line, _("Sockets (%lld) from %s"),
			      (long long)json_integer_value(seen), from);
	else
		ta_buf_printf(line, _("Sockets from %s"), from);
	if (why_not_diag)
		ta_buf_printf(line, " (%s)", why_not_diag);
	if (!owners || strcmp(owners, "none") == 0)
		return;
	ta_buf_printf(line, _(", their processes from %s"),
		      strcmp(owners, "bpf") == 0 ? "BPF" : "/proc");
	if (why)
		ta_buf_printf(line, " (%s)", why);
}

static void add_cost(struct ta_buf *line, const json_t *collection)
{
	const json_t *duration = json_object_get(collection, "duration_ms");
	const json_t *window = json_object_get(collection, "window_s");
	const json_t *cpu = json_object_get(collection, "cpu_ms");
	const json_t *memory = json_object_get(collection, "max_rss_bytes");

	ta_buf_printf(line, _(". To look took %.2f s"), json_number_value(duration) / 1000);
	if (window)
		ta_buf_printf(line, _(", of which %.2f s waiting for the second sample"),
			      json_number_value(window));
	if (cpu)
		ta_buf_printf(line, _("; %lld ms of CPU"), (long long)json_integer_value(cpu));
	if (memory)
		ta_buf_printf(line, _(", %.1f MiB"), json_number_value(memory) / (1 << 20));
}

void ta_text_account(struct ta_page *page, const json_t *collection)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(65536);

	if (json_object_get(collection, "duration_ms")) {
		add_sources(&line, collection);
		add_cost(&line, collection);
		ta_buf_str(&line, _("."));
	}
	if (json_is_true(json_object_get(collection, "redacted")))
		ta_buf_printf(&line, "%s%s", line.len ? " " : "",
			      _("Addresses and names are pseudonyms (--redact)."));
	if (!line.len)
		return; /* of evidence that somebody put together nobody knows */
	ta_page_gap(page);
	ta_page_style(page, TA_STYLE_DIM);
	ta_page_column(page, INDENT);
	ta_page_prose(page, INDENT, ta_buf_cstr(&line));
	ta_page_plain(page);
	ta_page_newline(page);
}
