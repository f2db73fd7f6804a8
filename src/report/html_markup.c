/* html_markup.c - markup with text in it that stays text; see html.h. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "report/figure.h"
#include "report/html.h"

enum { TEXT_MAX = 4 << 20 };

/* ---- escaping ------------------------------------------------------------------------- */

static void add_escaped(struct ta_buf *out, char c)
{
	switch (c) {
	case '&':
		ta_buf_str(out, "&amp;");
		break;
	case '<':
		ta_buf_str(out, "&lt;");
		break;
	case '>':
		ta_buf_str(out, "&gt;");
		break;
	case '"':
		ta_buf_str(out, "&quot;");
		break;
	case '\'':
		ta_buf_str(out, "&#39;");
		break;
	default:
		ta_buf_char(out, c);
	}
}

/* What did not fit, or had no memory, must not be missing unnoticed. */
static void keep_failure(struct ta_buf *out, const struct ta_buf *part)
{
	if (!out->failed)
		out->failed = part->failed;
}

void ta_html_text(struct ta_buf *out, const char *foreign)
{
	ta_auto(ta_buf_done) struct ta_buf safe = TA_BUF_INIT(TEXT_MAX);

	ta_text_terminal(&safe, foreign, strlen(foreign));
	for (size_t i = 0; i < safe.len; i++)
		add_escaped(out, safe.data[i]);
	keep_failure(out, &safe);
}

void ta_html_sentence(struct ta_buf *out, const char *format, ...)
{
	ta_auto(ta_buf_done) struct ta_buf sentence = TA_BUF_INIT(TEXT_MAX);
	va_list args;

	va_start(args, format);
	ta_buf_vprintf(&sentence, format, args);
	va_end(args);
	ta_html_text(out, ta_buf_cstr(&sentence));
	keep_failure(out, &sentence);
}

/* In strings, the only place where JSON has one, "\u003c" is the same as "<". */
void ta_html_json(struct ta_buf *out, const json_t *json)
{
	ta_auto_free char *text = json_dumps(json, JSON_COMPACT);
	ta_auto(ta_buf_done) struct ta_buf safe = TA_BUF_INIT(out->cap);

	if (!text) {
		out->failed = TA_E_NOMEM;
		return;
	}
	ta_text_json(&safe, text, strlen(text));
	for (size_t i = 0; i < safe.len; i++)
		if (safe.data[i] == '<' || safe.data[i] == '>' || safe.data[i] == '&')
			ta_buf_printf(out, "\\u%04x", (unsigned)safe.data[i]);
		else
			ta_buf_char(out, safe.data[i]);
	keep_failure(out, &safe);
}

/* ---- formats --------------------------------------------------------------------------- */

/* The value of the conversion at format (behind its '%'); returns how long that is. */
static size_t add_value(struct ta_buf *out, const char *format, va_list *args)
{
	if (format[0] == 's') {
		ta_html_text(out, va_arg(*args, const char *));
		return 1;
	}
	if (format[0] == 'd') {
		ta_buf_int(out, va_arg(*args, int));
		return 1;
	}
	if (strncmp(format, "zu", 2) == 0) {
		ta_buf_printf(out, "%zu", va_arg(*args, size_t));
		return 2;
	}
	if (strncmp(format, "lld", 3) == 0) {
		ta_buf_int(out, va_arg(*args, long long));
		return 3;
	}
	if (strncmp(format, ".1f", 3) == 0) {
		ta_buf_printf(out, "%.1f", va_arg(*args, double));
		return 3;
	}
	abort(); /* a mistake of ours, found by the first test that comes here */
}

void ta_html(struct ta_buf *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	while (*format) {
		size_t plain = strcspn(format, "%");

		ta_buf_add(out, format, plain);
		format += plain;
		if (*format == '%')
			format += 1 + add_value(out, format + 1, &args);
	}
	va_end(args);
}

/* ---- pieces ---------------------------------------------------------------------------- */

void ta_html_section(struct ta_html *html, const char *id, const char *heading)
{
	ta_html(html->out,
		"<section id=\"%s\" aria-labelledby=\"%s-heading\">\n<h2 "
		"id=\"%s-heading\">%s</h2>\n",
		id, id, id, heading);
}

void ta_html_section_end(struct ta_html *html)
{
	ta_html(html->out, "</section>\n");
}

void ta_html_note(struct ta_buf *out, const char *text)
{
	ta_html(out, "<p class=\"note\">%s</p>\n", text);
}

void ta_html_more(struct ta_buf *out, size_t count)
{
	if (!count)
		return;
	ta_html(out, "<p class=\"note\">");
	ta_html_sentence(out, _n("%zu more is not shown.", "%zu more are not shown.", count),
			 count);
	ta_html(out, "</p>\n");
}

/* How near its end, for the colour; the same is written beside the bar. */
static const char *fullness(double share)
{
	if (share >= 0.9)
		return "full";
	return share >= 0.7 ? "high" : "plain";
}

void ta_html_bar(struct ta_buf *out, const json_t *figure, bool bad_when_full)
{
	double value = json_number_value(json_object_get(figure, "value"));
	double limit = json_number_value(json_object_get(figure, "limit"));
	char percent[TA_PERCENT_SIZE];

	if (!ta_figure_percent(figure, percent))
		return;
	ta_html(out,
		"<span class=\"share\"><svg class=\"bar %s\" viewBox=\"0 0 100 8\" "
		"preserveAspectRatio=\"none\" aria-hidden=\"true\">"
		"<rect class=\"track\" width=\"100\" height=\"8\"/>"
		"<rect class=\"fill\" width=\"%.1f\" height=\"8\"/></svg>"
		"<span class=\"percent\">%s</span></span>",
		bad_when_full ? fullness(value / limit) : "plain", fmin(value / limit, 1) * 100,
		percent);
}

void ta_html_owner(struct ta_buf *out, const json_t *row)
{
	const char *name = ta_json_string(row, "process");
	const char *unit = ta_json_string(row, "unit");
	const json_t *pid = json_object_get(row, "pid");

	if (name && pid)
		ta_html_sentence(out, "%s (%lld)", name, (long long)json_integer_value(pid));
	else if (name)
		ta_html_text(out, name);
	if (unit)
		ta_html(out, name ? " <span class=\"dim\">%s</span>" : "%s", unit);
}
